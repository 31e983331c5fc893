import { fork } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { MongoClient } from "mongodb";
import { forkService, type Service } from "../fork-service";
import { startMongoServer } from "../mongo/mongo-server";
import type { Row } from "./mongo-contract/stage";
import { useTemporaryFolder } from "./temporary-folder";

const root = path.resolve(__dirname, "../../..");
const program = path.join(root, "dist/deploy/local/mongo/main.js");

beforeAll(() => {
  if (!fs.existsSync(program)) throw new Error(`${program} is missing: run "npm run build" first.`);
});

describe("the embedded MongoDB server as a process", () => {
  const folder = useTemporaryFolder();
  let running: Service[] = [];

  const start = (env: NodeJS.ProcessEnv = {}) => {
    let output = "";
    const service = forkService({
      file: program,
      cwd: root,
      env: { ...process.env, PORT: "0", MONGO_DATA_DIR: folder(), NODE_OPTIONS: "", ...env },
      onOutput: (text) => (output += text),
    });
    running.push(service);
    return { service, output: () => output };
  };
  const connect = async (service: Service) => {
    const url = `mongodb://127.0.0.1:${await service.listening}/?retryWrites=false`;
    return new MongoClient(url, { serverSelectionTimeoutMS: 5000 }).connect();
  };

  afterEach(async () => {
    for (const service of running) service.kill();
    await Promise.all(running.map(({ exited }) => exited));
    running = [];
  });

  it("says that it is a development server, and ends with 0 on SIGTERM", async () => {
    const { service, output } = start();
    const client = await connect(service);
    await client.db("shop").collection("a").insertOne({ n: 1 });
    await service.close();
    await client.close();
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(output()).toMatch(
      /^embedded MongoDB-compatible server for development only: mongodb:\/\/127\.0\.0\.1:\d+\n$/,
    );
    expect(fs.readdirSync(folder())).toEqual(["journal-00000001.bson"]);
  });

  it("ends when the process that started it lets go of it", async () => {
    const child = fork(program, [], {
      env: { ...process.env, PORT: "0", NODE_OPTIONS: "" },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const [message] = (await once(child, "message")) as [{ type: string; port: number }];
    expect(message).toEqual({ type: "listening", port: expect.any(Number) });
    child.disconnect();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it.each([
    ["PORT", { PORT: "http" }, "PORT must be a port number"],
    ["PORT", { PORT: "70000" }, "PORT must be a port number"],
  ])("names the setting %s when it is wrong", async (_, env, sentence) => {
    const { service, output } = start(env);
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(output()).toContain(sentence);
  });

  it("names PORT when another program has it", async () => {
    const first = start();
    const port = await first.service.listening;
    const second = start({ PORT: String(port), MONGO_DATA_DIR: "" });
    expect(await second.service.exited).toEqual({ code: 1, signal: null });
    expect(second.output()).toContain(`port ${port} is in use: set PORT`);
  });

  it("refuses a data directory that another server uses, by name, and leaves that one alone", async () => {
    const first = start();
    await first.service.listening;
    const second = start();
    expect(await second.service.exited).toEqual({ code: 1, signal: null });
    expect(second.output()).toContain(`another server (process ${first.service.pid}) is using ${folder()}`);
    const client = await connect(first.service);
    expect((await client.db("shop").command({ ping: 1 })).ok).toBe(1);
    await client.close();
  });

  it("keeps every acknowledged write when killed with -9 in the middle of many", async () => {
    const acknowledged = new Set<string>();
    for (let life = 0; life < 3; life++) {
      const { service } = start();
      const client = await connect(service);
      const rows = client.db("shop").collection<Row>("rows");
      if (life === 0) await rows.createIndex({ n: 1 }, { unique: true });
      expect(await rows.countDocuments()).toBeGreaterThanOrEqual(acknowledged.size);
      const found = new Set((await rows.find().toArray()).map(({ _id }) => _id));
      expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
      const enough = acknowledged.size + 150;
      await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          try {
            for (let i = 0; ; i++) {
              const _id = `${life}-${writer}-${i}`;
              await rows.insertOne({ _id, n: _id, text: "x".repeat(200) });
              acknowledged.add(_id);
              if (acknowledged.size >= enough) service.kill();
            }
          } catch {
            // The server is dead: this write was not acknowledged.
          }
        }),
      );
      expect(await service.exited).toMatchObject({ signal: "SIGKILL" });
      await client.close();
    }
    const { service } = start();
    const client = await connect(service);
    const rows = client.db("shop").collection<Row>("rows");
    const found = new Set((await rows.find().toArray()).map(({ _id }) => _id));
    expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
    await expect(rows.insertOne({ _id: "again", n: [...acknowledged][0] })).rejects.toMatchObject({ code: 11000 });
    await client.close();
  });
});

describe("the files of the embedded MongoDB server", () => {
  const folder = useTemporaryFolder();

  /** Runs `work` on a server over the folder, which is closed afterwards. */
  const during = async <T>(work: (client: MongoClient) => Promise<T>, compactAfterBytes?: number): Promise<T> => {
    const server = await startMongoServer({ directory: folder(), ...(compactAfterBytes && { compactAfterBytes }) });
    const client = await new MongoClient(server.url).connect();
    try {
      return await work(client);
    } finally {
      await client.close();
      await server.close();
    }
  };
  const file = (name: string) => path.join(folder(), name);
  const write = (count: number) =>
    during(async (client) => {
      const rows = client.db("shop").collection<Row>("rows");
      for (let i = 0; i < count; i++) await rows.insertOne({ _id: String(i), n: i });
    });
  const count = () => during((client) => client.db("shop").collection("rows").countDocuments());

  it("bring back collections, options, indexes, types and deletions", async () => {
    await during(async (client) => {
      const db = client.db("shop");
      await db.createCollection("rows", { validator: { n: { $type: "int" } } });
      const rows = db.collection<Row>("rows");
      await rows.createIndex({ n: -1 }, { unique: true, sparse: true, name: "mine" });
      await rows.createIndex({ gone: 1 });
      await rows.insertMany([
        { _id: "a", n: 1, at: new Date(5), "odd.name": { __proto__: null } },
        { _id: "b", n: 2 },
      ]);
      await rows.updateOne({ _id: "a" }, { $set: { n: 3 } });
      await rows.deleteOne({ _id: "b" });
      await rows.dropIndex("gone_1");
      await db.collection("dropped").insertOne({ n: 1 });
      await db.collection("dropped").drop();
      await client.db("other").collection("x").insertOne({ n: 1 });
      await client.db("other").dropDatabase();
    });
    await during(async (client) => {
      const db = client.db("shop");
      const rows = db.collection<Row>("rows");
      expect(await rows.find().toArray()).toEqual([{ _id: "a", n: 3, at: new Date(5), "odd.name": {} }]);
      expect((await rows.indexes()).slice(1)).toEqual([
        { v: 2, key: { n: -1 }, name: "mine", unique: true, sparse: true },
      ]);
      await expect(rows.insertOne({ _id: "c", n: "text" })).rejects.toMatchObject({ code: 121 });
      expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(["rows"]);
      expect((await client.db("admin").admin().listDatabases()).databases.map(({ name }) => name)).toEqual(["shop"]);
    });
  });

  it.each([1, 7, 8, 20])("lose only an unfinished last entry, cut %d bytes short", async (bytes) => {
    await write(5);
    const journal = file("journal-00000001.bson");
    fs.truncateSync(journal, fs.statSync(journal).size - bytes);
    expect(await count()).toBe(4);
    await during((client) => client.db("shop").collection<Row>("rows").insertOne({ _id: "new" }));
    expect(await count()).toBe(5);
  });

  it("survive garbage after the last entry", async () => {
    await write(5);
    fs.appendFileSync(file("journal-00000001.bson"), Buffer.alloc(4096, 0xee));
    expect(await count()).toBe(5);
    fs.appendFileSync(file("journal-00000001.bson"), Buffer.alloc(4096));
    expect(await count()).toBe(5);
  });

  it("do not grow for ever: a snapshot replaces the journal, and holds everything", async () => {
    const text = "x".repeat(1000);
    await during(async (client) => {
      const rows = client.db("shop").collection<Row>("rows");
      await rows.createIndex({ n: 1 }, { unique: true });
      await rows.insertMany(Array.from({ length: 10 }, (_, i) => ({ _id: String(i), n: i, text })));
      for (let round = 0; round < 40; round++) await rows.updateMany({}, { $inc: { round: 1 } });
    }, 50_000);
    // On a slow disk all of that may have been written while one snapshot was; closing waits for it. One more round is the first of a new
    // journal, or follows a short one.
    await during(
      (client) =>
        client
          .db("shop")
          .collection("rows")
          .updateMany({}, { $inc: { round: 1 } }),
      50_000,
    );
    const names = fs.readdirSync(folder()).sort();
    expect(names).toEqual([
      expect.stringMatching(/^journal-\d{8}\.bson$/),
      expect.stringMatching(/^snapshot-\d{8}\.bson$/),
    ]);
    expect(names[0]).not.toBe("journal-00000001.bson");
    const total = names.reduce((sum, name) => sum + fs.statSync(file(name)).size, 0);
    // Written in all: 410 documents of a kilobyte.
    expect(total).toBeLessThan(150_000);
    await during(async (client) => {
      const rows = client.db("shop").collection<Row>("rows");
      expect(await rows.countDocuments({ round: 41, text })).toBe(10);
      await expect(rows.insertOne({ _id: "new", n: 3 })).rejects.toMatchObject({ code: 11000 });
    });
  });

  it("are read from the older snapshot when the newer one was not finished", async () => {
    await write(5);
    fs.writeFileSync(file("snapshot-00000002.bson.tmp"), "half");
    fs.writeFileSync(file("journal-00000002.bson"), "");
    expect(await count()).toBe(5);
    await during((client) => client.db("shop").collection<Row>("rows").insertOne({ _id: "new" }));
    expect(await count()).toBe(6);
    expect(fs.readdirSync(folder()).sort()).toEqual(["journal-00000001.bson", "journal-00000002.bson"]);
  });

  it("are not guessed at when damaged in the middle: the start is refused by name", async () => {
    await write(5);
    fs.copyFileSync(file("journal-00000001.bson"), file("snapshot-00000001.bson"));
    const bytes = fs.readFileSync(file("snapshot-00000001.bson"));
    bytes[bytes.length >> 1]! ^= 0xff;
    fs.writeFileSync(file("snapshot-00000001.bson"), bytes);
    await expect(startMongoServer({ directory: folder() })).rejects.toThrow(
      `${file("snapshot-00000001.bson")} is damaged`,
    );
    fs.rmSync(file("snapshot-00000001.bson"));
    expect(await count()).toBe(5);
  });
});
