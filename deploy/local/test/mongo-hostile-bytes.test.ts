import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { BSON, type Document } from "bson";
import { MongoClient } from "mongodb";
import { type MongoServer, startMongoServer } from "../mongo/mongo-server";
import { crc32c } from "../mongo/wire/crc32c";

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
describe("the embedded MongoDB server and hostile bytes", () => {
  let server: MongoServer;
  let client: MongoClient;
  let sockets: Socket[] = [];

  beforeAll(async () => {
    server = await startMongoServer();
    client = await new MongoClient(server.url).connect();
  });
  afterAll(async () => {
    await client.close();
    await server.close();
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    // Whatever came, it goes on serving others.
    expect((await client.db("x").command({ ping: 1 })).ok).toBe(1);
  });

  const open = async () => {
    const socket = connect(server.port, "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  const message = (opcode: number, body: Buffer, length = 16 + body.length) => {
    const header = Buffer.alloc(16);
    header.writeInt32LE(length, 0);
    header.writeInt32LE(77, 4);
    header.writeInt32LE(opcode, 12);
    return Buffer.concat([header, body]);
  };
  const opMsg = (section: Uint8Array, flags = 0, kind = 0) => {
    const head = Buffer.alloc(5);
    head.writeUInt32LE(flags, 0);
    head[4] = kind;
    return message(2013, Buffer.concat([head, section]));
  };
  const bson = (document: Document) => Buffer.from(BSON.serialize(document));
  /** The next answer on the socket. */
  const answer = async (socket: Socket): Promise<Document> => {
    let bytes = Buffer.alloc(0);
    while (bytes.length < 4 || bytes.length < bytes.readInt32LE(0)) {
      bytes = Buffer.concat([bytes, ...((await once(socket, "data")) as Buffer[])]);
    }
    expect(bytes.readInt32LE(8)).toBe(77);
    return BSON.deserialize(bytes.subarray(bytes.readInt32LE(12) === 2013 ? 21 : 36));
  };
  const ask = async (bytes: Buffer) => {
    const socket = await open();
    socket.write(bytes);
    return answer(socket);
  };
  const ping = { ping: 1, $db: "admin" };

  it.each<[string, () => Buffer]>([
    ["a length above 48 MB", () => message(2013, Buffer.alloc(0), 48_000_001)],
    ["a negative length", () => message(2013, Buffer.alloc(0), -1)],
    ["a length shorter than the header", () => message(2013, Buffer.alloc(0), 15)],
    ["an unknown opcode", () => message(9999, bson(ping))],
    ["a compressed message, which was never agreed on", () => message(2012, Buffer.alloc(20))],
    ["OP_MSG without a body", () => message(2013, Buffer.alloc(4))],
    ["required flags that nobody knows", () => opMsg(bson(ping), 1 << 5)],
    ["a wrong checksum", () => opMsg(Buffer.concat([bson(ping), Buffer.alloc(4)]), 1)],
    ["OP_QUERY without an end of the name", () => message(2004, Buffer.alloc(12, 0x61))],
    ["text of another protocol", () => Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  ])("closes the connection on %s", async (_, bytes) => {
    const socket = await open();
    const closed = once(socket, "close");
    socket.resume().write(bytes());
    await closed;
  });

  it.each<[string, () => Buffer, number]>([
    ["truncated BSON", () => opMsg(bson(ping).subarray(0, 12)), 22],
    [
      "BSON whose length lies",
      () => {
        const lie = bson(ping);
        lie.writeInt32LE(5, 0);
        return opMsg(lie);
      },
      22,
    ],
    [
      "BSON with a broken string",
      () => {
        const broken = bson({ ping: "x", $db: "admin" });
        broken[broken.indexOf("x")] = 0xff;
        return opMsg(broken);
      },
      22,
    ],
    ["an unknown section kind", () => opMsg(bson(ping), 0, 9), 2],
    ["no database", () => opMsg(bson({ ping: 1 })), 40571],
    ["an empty command", () => opMsg(bson({ $db: "admin" })), 59],
    ["a command named like a method of objects", () => opMsg(bson({ constructor: 1, $db: "admin" })), 59],
    [
      "a legacy query of a collection",
      () => {
        const head = Buffer.concat([Buffer.alloc(4), Buffer.from("shop.$cmd\0"), Buffer.alloc(8)]);
        return message(2004, Buffer.concat([head, bson({ find: "rows" })]));
      },
      352,
    ],
  ])("answers an error to %s and keeps the connection", async (_, bytes, code) => {
    const socket = await open();
    socket.write(bytes());
    expect(await answer(socket)).toMatchObject({ ok: 0, code });
    socket.write(opMsg(bson(ping)));
    expect(await answer(socket)).toMatchObject({ ok: 1 });
  });

  it("answers a first hello by OP_QUERY, and a message with a right checksum", async () => {
    const head = Buffer.concat([Buffer.alloc(4), Buffer.from("admin.$cmd\0"), Buffer.alloc(8)]);
    expect(await ask(message(2004, Buffer.concat([head, bson({ isMaster: 1 })])))).toMatchObject({
      ismaster: true,
      ok: 1,
    });
    const checked = opMsg(Buffer.concat([bson(ping), Buffer.alloc(4)]), 1);
    checked.writeUInt32LE(crc32c(checked.subarray(0, -4)), checked.length - 4);
    expect(await ask(checked)).toMatchObject({ ok: 1 });
  });

  it("understands a message that arrives byte by byte, and several that arrive at once", async () => {
    const socket = await open();
    for (const byte of opMsg(bson(ping))) socket.write(Buffer.of(byte));
    expect(await answer(socket)).toMatchObject({ ok: 1 });
    const silent = opMsg(bson({ insert: "silent", documents: [{ _id: 1 }], $db: "x", writeConcern: { w: 0 } }), 2);
    socket.write(Buffer.concat([silent, silent, opMsg(bson({ count: "silent", $db: "x" }))]));
    expect(await answer(socket)).toMatchObject({ n: 1 });
  });

  it("refuses documents nested too deep without running out of stack", async () => {
    const deep = (levels: number) => {
      let document = Buffer.from([5, 0, 0, 0, 0]);
      // { a: { a: … } } by hand: no serializer goes this deep.
      for (let i = 0; i < levels; i++) {
        const outer = Buffer.alloc(document.length + 8);
        outer.writeInt32LE(outer.length, 0);
        outer.write("\x03a\0", 4, "latin1");
        document.copy(outer, 7);
        document = outer;
      }
      return document;
    };
    const insert = (inner: Buffer) => {
      const sequence = Buffer.concat([Buffer.alloc(4), Buffer.from("documents\0"), inner]);
      sequence.writeInt32LE(sequence.length, 0);
      const body = bson({ insert: "deep", $db: "x" });
      return opMsg(Buffer.concat([body, Buffer.of(1), sequence]));
    };
    expect(await ask(insert(deep(100)))).toMatchObject({ ok: 1, n: 1 });
    expect(await ask(insert(deep(300)))).toMatchObject({ ok: 0, code: 15 });
    expect(await ask(insert(deep(5000)))).toMatchObject({ ok: 0, code: 15 });
  });

  it("lets no stage, update or projection write into the prototype of all objects", async () => {
    const rows = client.db("x").collection<Document & { _id: string }>("prototypes");
    const document = {
      _id: "a",
      constructor: { prototype: { polluted: 1 } },
      list: [{ constructor: { prototype: { polluted: 1 } } }],
    };
    await rows.insertOne(document);
    const paths = [
      "constructor.prototype.polluted",
      "__proto__.polluted",
      "list.constructor.prototype.polluted",
      "x.__proto__.y",
    ];
    for (const field of paths) {
      const attempts: (() => Promise<unknown>)[] = [
        () => rows.updateOne({ _id: "a" }, { $set: { [field]: 2 } }),
        () => rows.updateOne({ _id: "a" }, { $rename: { list: field } }),
        () => rows.updateOne({ [field]: 3 } as never, { $set: { n: 1 } }, { upsert: true }),
        () => rows.find({}, { projection: { [field]: 1 } }).toArray(),
        () =>
          rows
            .find()
            .sort({ [field]: 1 })
            .toArray(),
        () => rows.createIndex({ [field]: 1 }),
        ...[
          { $project: { [field]: 1 } },
          { $project: { [field]: { $add: [1, 1] } } },
          { $addFields: { [field]: "polluted" } },
          { $unset: field },
          { $unwind: { path: "$list", includeArrayIndex: field } },
          { $lookup: { from: "prototypes", localField: "_id", foreignField: "_id", as: field } },
          { $group: { _id: `$${field}`, [field.split(".")[0]!]: { $sum: 1 } } },
          {
            $replaceRoot: {
              newRoot: {
                $arrayToObject: [
                  [
                    [field, 1],
                    ["__proto__", { polluted: 1 }],
                  ],
                ],
              },
            },
          },
          { $replaceRoot: { newRoot: { $setField: { field, input: "$$ROOT", value: 1 } } } },
          { $fill: { output: { [field]: { value: 1 } } } },
          { $setWindowFields: { sortBy: { _id: 1 }, output: { [field]: { $sum: 1 } } } },
          {
            $bucket: { groupBy: "$n", boundaries: [0, 1], default: 2, output: { [field.split(".")[0]!]: { $sum: 1 } } },
          },
          {
            $graphLookup: {
              from: "prototypes",
              startWith: "$_id",
              connectFromField: "_id",
              connectToField: "_id",
              as: field,
            },
          },
          { $densify: { field, range: { step: 1, bounds: [0, 2] } } },
        ].map((stage) => () => rows.aggregate([stage]).toArray()),
      ];
      // Refused or done: either is fine, as long as it stays within its document.
      for (const attempt of attempts) {
        await attempt().catch(() => undefined);
        expect(Object.keys(Object.getPrototypeOf({}))).toEqual([]);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      }
    }
    expect(await rows.findOne({ _id: "a" })).toMatchObject({ constructor: expect.anything() });
  });
});
