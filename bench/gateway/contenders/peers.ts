import fs from "node:fs";
import path from "node:path";
import { subgraphNames, subgraphSdl } from "../scenario/subgraphs";
import { type Contender, type Setting, UnavailableError } from "./contender";
import { installedPeerFile, peerFile, serverFile } from "./folders";

/** The reference: Apollo's gateway behind Apollo Server's standalone server, nothing configured. */
export const stock: Contender = {
  id: "stock",
  label: "@apollo/gateway + @apollo/server",
  launch: ({ supergraphFile, port }) => ({
    command: process.execPath,
    args: [serverFile("stock"), supergraphFile, String(port)],
  }),
};

/** How fast Node's HTTP server is with the same bytes and no gateway in it. */
const bare: Contender = {
  id: "bare",
  label: "bare Node server, same bytes",
  launch: ({ answerFile, port }) => ({
    command: process.execPath,
    args: [serverFile("bare"), answerFile, String(port)],
  }),
};

const mercurius: Contender = {
  id: "mercurius",
  label: "Mercurius, JIT",
  launch: ({ origin, port }) => {
    required("mercurius/package.json", "@mercuriusjs/gateway/package.json", "fastify/package.json");
    const services = subgraphNames.map((name) => `${name}=${origin}/${name}`);
    return { command: process.execPath, args: [peerFile("mercurius.mjs"), String(port), ...services] };
  },
};

/** @param options.sharing false switches off the sharing of subgraph calls under way, which is on by default */
function hive(id: string, label: string, options: { rust: boolean; sharing: boolean }): Contender {
  return {
    id,
    label,
    launch: ({ supergraphFile, port, directory }) => {
      const cli = required("@graphql-hive/gateway/dist/bin.js");
      if (options.rust) required("@graphql-hive/router-runtime/package.json");
      const configFile = path.join(directory, "gateway.config.mjs");
      const unshared = { "*": { options: { deduplicateInflightRequests: false } } };
      const config = { logging: false, ...(options.sharing ? {} : { transportEntries: unshared }) };
      fs.writeFileSync(configFile, `export const gatewayConfig = ${JSON.stringify(config)};\n`);
      const planner = options.rust ? ["--hive-router-runtime"] : ["--jit"];
      return {
        command: process.execPath,
        args: [
          cli,
          "supergraph",
          supergraphFile,
          "--host",
          "127.0.0.1",
          "--port",
          String(port),
          "--config-path",
          configFile,
          ...planner,
        ],
        cwd: directory,
      };
    },
  };
}

/** @param options.sharing false switches off the sharing of subgraph calls under way, which is on by default */
function grafbase(id: string, label: string, options: { sharing: boolean }): Contender {
  return {
    id,
    label,
    launch: ({ origin, port, directory }) => {
      if (process.platform !== "linux" || process.arch !== "x64") {
        throw new UnavailableError("its binary is published for Linux on x64 only");
      }
      const binary = required("@grafbase/cli-x86_64-unknown-linux-musl/grafbase");
      const configFile = writeGrafbaseConfig({ origin, directory }, options.sharing);
      const args = ["--home", directory, "dev", "--config", configFile, "--listen-address", `127.0.0.1:${port}`];
      return { command: binary, args, cwd: directory };
    },
  };
}

function writeGrafbaseConfig({ origin, directory }: Pick<Setting, "origin" | "directory">, sharing: boolean): string {
  const lines = sharing ? [] : ["[traffic_shaping]", "inflight_deduplication = false", ""];
  for (const name of subgraphNames) {
    const schemaFile = path.join(directory, `${name}.graphql`);
    fs.writeFileSync(schemaFile, subgraphSdl[name]);
    lines.push(`[subgraphs.${name}]`, `url = "${origin}/${name}"`, `schema_path = ${JSON.stringify(schemaFile)}`, "");
  }
  const configFile = path.join(directory, "grafbase.toml");
  fs.writeFileSync(configFile, lines.join("\n"));
  return configFile;
}

/** @returns the path of the first file. @throws UnavailableError when one of them is not there */
function required(...files: readonly [string, ...string[]]): string {
  const absent = files.find((file) => !fs.existsSync(installedPeerFile(file)));
  if (absent) throw new UnavailableError(`${path.dirname(absent)} is not installed`);
  return installedPeerFile(files[0]);
}

export const peers: readonly Contender[] = [
  mercurius,
  hive("hive-js", "Hive Gateway, JIT", { rust: false, sharing: true }),
  hive("hive-js-unshared", "Hive Gateway, JIT, sharing off", { rust: false, sharing: false }),
  hive("hive-rust", "Hive Gateway, Rust planner", { rust: true, sharing: true }),
  hive("hive-rust-unshared", "Hive Gateway, Rust planner, sharing off", { rust: true, sharing: false }),
  grafbase("grafbase", "Grafbase", { sharing: true }),
  grafbase("grafbase-unshared", "Grafbase, sharing off", { sharing: false }),
];
export const floor = bare;
