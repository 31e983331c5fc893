import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { type GraphqlClient, createGraphqlClient } from "../harness/graphql-client";
import { waitUntil, within } from "../harness/wait-until";
import { startTinySubgraph, type TinySubgraph } from "./tiny-subgraph";

const root = path.resolve(__dirname, "../..");
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const RIVERS = parse(
  `${LINK} type Query { rivers: [River!]! } type River @key(fields: "id") { id: ID! name: String! }`,
);
const LENGTHS = parse(`${LINK} type River @key(fields: "id") { id: ID! lengthKm: Int! }`);
const LONGER = parse(`${LINK} type River @key(fields: "id") { id: ID! lengthKm: Int! source: String! }`);
const QUERY = "{ rivers { name lengthKm } }";
const RESULT = {
  data: {
    rivers: [
      { name: "Elbe", lengthKm: 1_094 },
      { name: "Weser", lengthKm: 452 },
    ],
  },
};
const RELOADS = 5;
const CLIENTS = 8;
const START_MS = 60_000;
jest.setTimeout(90_000);

describe("the gateway alone, on a supergraph of somebody else", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-story-"));
  const file = path.join(folder, "supergraph.graphql");
  let rivers: TinySubgraph;
  let lengths: TinySubgraph;
  let gateway: ChildProcess;
  let output = "";
  let url: string;
  let client: GraphqlClient;

  const write = (withSource: boolean) => {
    const { supergraphSdl, errors } = composeServices([
      { name: "rivers", typeDefs: RIVERS, url: rivers.url },
      { name: "lengths", typeDefs: withSource ? LONGER : LENGTHS, url: lengths.url },
    ]);
    if (!supergraphSdl) throw new Error(String(errors));
    // As deployments do it: a reader sees the old file or the new one, never a half.
    fs.writeFileSync(`${file}.new`, supergraphSdl);
    fs.renameSync(`${file}.new`, file);
  };

  beforeAll(async () => {
    const lengthOf: Record<string, number> = { elbe: 1_094, weser: 452 };
    rivers = await startTinySubgraph(RIVERS, {
      Query: {
        rivers: () => [
          { id: "elbe", name: "Elbe" },
          { id: "weser", name: "Weser" },
        ],
      },
    });
    lengths = await startTinySubgraph(LONGER, {
      River: {
        __resolveReference: (river: { id: string }) => river,
        lengthKm: ({ id }: { id: string }) => lengthOf[id],
        source: ({ id }: { id: string }) => `a spring of the ${id}`,
      },
    });
    write(false);
    const { PATH, HOME } = process.env;
    gateway = spawn(
      process.execPath,
      [path.join(root, "deploy/local/bootstrap.mjs"), "gateway", "--supergraph", "supergraph.graphql", "--port", "0"],
      // Nothing else is configured; the file is named from where the command is typed.
      { cwd: folder, env: { PATH, HOME }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const keep = (text: string) => (output += text);
    gateway.stdout!.setEncoding("utf8").on("data", keep);
    gateway.stderr!.setEncoding("utf8").on("data", keep);
    url = await waitUntil(
      "the gateway to say where it listens",
      () => {
        if (gateway.exitCode !== null) throw new Error(`it ended: ${output}`);
        return /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      },
      { deadlineMs: START_MS },
    );
    client = createGraphqlClient(url);
  });
  afterAll(async () => {
    if (gateway && gateway.exitCode === null) {
      gateway.kill("SIGTERM");
      await within("the gateway to end", once(gateway, "exit")).catch(() => gateway.kill("SIGKILL"));
    }
    await Promise.all([rivers?.close(), lengths?.close()]);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("answers a query across its subgraphs, and is ready", async () => {
    const { status, body } = await client.graphql(QUERY);
    expect([status, body]).toEqual([200, RESULT]);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it("has neither partners nor subscriptions, and says so", async () => {
    const partner = await fetch(`${url}/partner/v1/graphql`, { method: "POST", body: "{}" });
    expect(partner.status).toBe(404);
    expect(await partner.json()).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  });

  it("takes a changed file without dropping a request", async () => {
    let isOver = false;
    let answered = 0;
    const failures: unknown[] = [];
    const keepAsking = async () => {
      while (!isOver) {
        const answer = await client.graphql(QUERY).catch((error: Error) => ({ body: error.message, status: 0 }));
        if (answer.status === 200 && JSON.stringify(answer.body) === JSON.stringify(RESULT)) answered++;
        else failures.push(answer.body);
      }
    };
    const asking = Array.from({ length: CLIENTS }, keepAsking);
    try {
      for (let reload = 1; reload <= RELOADS; reload++) {
        const hasSource = reload % 2 === 1;
        write(hasSource);
        await waitUntil(`reload ${reload}`, async () => {
          const { status } = await client.graphql("{ rivers { source } }");
          return status === (hasSource ? 200 : 400);
        });
        const enough = answered + CLIENTS;
        await waitUntil("requests on the new graph", () => answered >= enough || failures.length > 0);
      }
    } finally {
      isOver = true;
      await Promise.all(asking);
    }
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(RELOADS * CLIENTS);
  });

  it("keeps serving the last good graph when the file is broken", async () => {
    const said = output.length;
    fs.writeFileSync(file, "type Query { this is no supergraph");
    await waitUntil("a word about the broken file", () => output.slice(said).includes("supergraph"));
    expect((await client.graphql(QUERY)).body).toEqual(RESULT);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it.each([
    ["a file that is not there", ["--supergraph", "nowhere.graphql", "--port", "0"], /nowhere\.graphql/],
    ["no file", ["--port", "0"], /--supergraph/],
    ["an option that there is not", ["--supergraph", "supergraph.graphql", "--colour", "blue"], /--colour/],
  ])("given %s, ends with one sentence and no stack", async (_, args, sentence) => {
    const bootstrap = path.join(root, "deploy/local/bootstrap.mjs");
    const { PATH, HOME } = process.env;
    const failing = spawn(process.execPath, [bootstrap, "gateway", ...args], { cwd: folder, env: { PATH, HOME } });
    let words = "";
    failing.stderr.setEncoding("utf8").on("data", (text: string) => (words += text));
    const [code] = (await within("it to end", once(failing, "close"))) as [number];
    expect(code).toBe(1);
    expect(words).toMatch(sentence);
    expect(words).not.toMatch(/\n\s+at /);
  });
});
