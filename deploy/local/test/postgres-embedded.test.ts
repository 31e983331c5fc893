import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client } from "pg";
import { processStart } from "../bootstrap/process-identity.cjs";
import { findFreePorts } from "../free-ports";
import { findBinaries, hydrate } from "../postgres/find-binaries";
import { type Postgres, startPostgres } from "../postgres/start-postgres";
import { describePostgres } from "./postgres.contract";

const dist = path.resolve(__dirname, "../../../dist/deploy/local/postgres/start-postgres.js");
const password = "p@ss:word/with%signs";
let home: string;
let port: number;
let server: Postgres | undefined;

const start = async (overrides: Partial<Parameters<typeof startPostgres>[0]> = {}) => {
  server = await startPostgres({ home, port, password, databases: ["users", "orders"], ...overrides });
  return server;
};

const query = async <T extends object>(url: string, sql: string): Promise<T[]> => {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
};

beforeAll(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-postgres-"));
  [port] = (await findFreePorts(1)) as [number];
  await start();
}, 60_000);

afterAll(async () => {
  await server?.close();
  fs.rmSync(home, { recursive: true, force: true });
});

describePostgres("embedded", () => server!.url("postgres"));

describe("the embedded PostgreSQL", () => {
  it("has the databases it was asked for", async () => {
    expect(await query(server!.url("users"), "SELECT current_database() AS name")).toEqual([{ name: "users" }]);
    expect(await query(server!.url("orders"), "SELECT current_database() AS name")).toEqual([{ name: "orders" }]);
  });

  it("lets nobody in without the password", async () => {
    const url = new URL(server!.url("users"));
    url.password = "guess";
    await expect(query(url.href, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  });

  it("listens on this machine only, and on no socket file", async () => {
    expect(await query(server!.url("users"), "SHOW listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    expect(await query(server!.url("users"), "SHOW unix_socket_directories")).toEqual([
      { unix_socket_directories: "" },
    ]);
  });

  it("loses nothing that was committed when it is killed", async () => {
    await query(server!.url("orders"), "CREATE TABLE kept AS SELECT 42 AS answer");
    server!.kill();
    expect((await server!.exited).signal).toBe("SIGKILL");
    await start();
    expect(await query(server!.url("orders"), "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  });

  it("starts again on its data after an orderly end, on another port too", async () => {
    await query(server!.url("users"), "CREATE TABLE stays AS SELECT 'here' AS word");
    await server!.close();
    [port] = (await findFreePorts(1)) as [number];
    await start();
    expect(await query(server!.url("users"), "SELECT word FROM stays")).toEqual([{ word: "here" }]);
  });

  it("ends the server that an earlier start left running on the same data", async () => {
    const left = server!;
    await start();
    expect(processStart(left.pid)).toBeUndefined();
    expect(server!.pid).not.toBe(left.pid);
    expect(await query(server!.url("users"), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("is not stopped by a lock file whose pid belongs to somebody else now", async () => {
    await server!.close();
    fs.writeFileSync(path.join(home, "cluster/postmaster.pid"), `${process.pid}\n${home}\n1\n5432\n\n127.0.0.1\n`);
    await start();
    expect(await query(server!.url("users"), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("begins anew when an earlier start was killed while it made the cluster", async () => {
    const other = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-postgres-"));
    fs.mkdirSync(path.join(other, "cluster.new"));
    fs.writeFileSync(path.join(other, "cluster.new/PG_VERSION"), "18\n");
    const [otherPort] = (await findFreePorts(1)) as [number];
    const fresh = await startPostgres({ home: other, port: otherPort, password, databases: ["users"], durable: false });
    expect(await query(fresh.url("users"), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await fresh.close();
    fs.rmSync(other, { recursive: true });
  });

  it("says what to do when the password is not the one it was made with", async () => {
    await server!.close();
    await expect(start({ password: "another" })).rejects.toThrow(/secrets\.json .*TRIBUTARY_DATA_DIR/);
    await start();
  });

  it("says in one sentence why it cannot start", async () => {
    const versionFile = path.join(home, "cluster/PG_VERSION");
    const version = fs.readFileSync(versionFile, "utf8");
    await server!.close();
    fs.writeFileSync(versionFile, "12\n");
    await expect(start()).rejects.toThrow(/incompatible.* set USERS_DATABASE_URL and ORDERS_DATABASE_URL/);
    fs.writeFileSync(versionFile, version);
    await start();
  });

  it("ends when the process that started it is killed", async () => {
    await server!.close();
    const options = JSON.stringify({ home, port, password, databases: [] });
    const script = `require(${JSON.stringify(dist)}).startPostgres(${options}).then((server) => console.log(server.pid))`;
    const owner = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [printed] = (await once(owner.stdout, "data")) as [Buffer];
    owner.kill("SIGKILL");
    while (processStart(Number(printed)) !== undefined) await new Promise((resolve) => setImmediate(resolve));
    await start();
  });

  const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

  itAsRoot(
    "runs as an unprivileged user where user namespaces are not allowed, even below a folder closed to it",
    async () => {
      const closed = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-postgres-"));
      expect(fs.statSync(closed).mode & 0o777).toBe(0o700);
      const options = { home: path.join(closed, "postgres"), password, databases: ["users"], userNamespaces: false };
      const [first, second] = (await findFreePorts(2)) as [number, number];

      const one = await startPostgres({ ...options, port: first });
      expect(one.who).toMatch(/^user (postgres|nobody)$/);
      await query(one.url("users"), "CREATE TABLE kept AS SELECT 1 AS one");
      await one.close();

      // Where it is allowed again the data stays where it is, with the user it belongs to.
      const two = await startPostgres({ ...options, port: second, userNamespaces: true });
      expect(two.who).toMatch(/^user \d+$/);
      expect(await query(two.url("users"), "SELECT one FROM kept")).toEqual([{ one: 1 }]);
      await two.close();

      const { base } = JSON.parse(fs.readFileSync(path.join(options.home, "elsewhere.json"), "utf8")) as {
        base: string;
      };
      fs.rmSync(base, { recursive: true });
      fs.rmSync(closed, { recursive: true });
    },
    60_000,
  );
});

describe("findBinaries", () => {
  it("names the settings to use on a platform without binaries", () => {
    expect(() => findBinaries("plan9-mips")).toThrow(
      "There is no embedded PostgreSQL for plan9-mips: set USERS_DATABASE_URL and ORDERS_DATABASE_URL",
    );
  });

  it("names the settings to use when the optional package is not installed", () => {
    const absent = process.platform === "darwin" ? "linux-x64" : "darwin-arm64";
    expect(() => findBinaries(absent)).toThrow(
      /is not installed: run "npm ci --include=optional", or set USERS_DATABASE_URL/,
    );
  });

  it("makes the links that an installation without scripts leaves out", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-postgres-"));
    const native = path.join(folder, "native");
    fs.mkdirSync(path.join(native, "lib"), { recursive: true });
    fs.mkdirSync(path.join(native, "bin"));
    fs.writeFileSync(path.join(native, "bin/postgres"), "", { mode: 0o644 });
    fs.writeFileSync(path.join(native, "lib/libpq.so.5.18"), "library");
    const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
    fs.writeFileSync(path.join(native, "pg-symlinks.json"), JSON.stringify(links));
    for (const _ of ["first", "again"]) hydrate(native);
    expect(fs.readFileSync(path.join(native, "lib/libpq.so.5"), "utf8")).toBe("library");
    expect(fs.statSync(path.join(native, "bin/postgres")).mode & 0o111).not.toBe(0);
    fs.rmSync(folder, { recursive: true });
  });
});
