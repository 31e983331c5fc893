import { getEventListeners } from "node:events";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { createDeadlines } from "../upstream/deadlines";
import { createSigner } from "../upstream/sign-for-subgraph";
import { json, type ScriptedSubgraph, startScriptedSubgraph } from "./harness/scripted-subgraph";

const FAULT = {
  data: null,
  isFault: true,
  bytes: 0,
  errors: [expect.objectContaining({ extensions: { code: "SUBGRAPH_UNAVAILABLE", requestId: "r1" } })],
};

describe("the client of a subgraph", () => {
  let subgraph: ScriptedSubgraph;
  const open = async (options?: Parameters<typeof startScriptedSubgraph>[0]) => {
    await subgraph.close();
    subgraph = await startScriptedSubgraph(options);
  };
  beforeEach(async () => {
    subgraph = await startScriptedSubgraph();
  });
  afterEach(() => subgraph.close());

  const reasons = () => subgraph.lines.map(({ reason }) => reason);

  it("sends the body as it is and gives the data, its size and no errors", async () => {
    const text = '{"data":{"a":1}}';
    subgraph.script = json(text);
    expect(await subgraph.send({ body: '{"query":"{é}"}' })).toEqual({
      data: { a: 1 },
      errors: [],
      isPlain: true,
      isAscii: true,
      isShared: false,
      bytes: text.length,
      isFault: false,
    });
    expect(subgraph.requests[0]?.body).toBe('{"query":"{é}"}');
  });

  it("an answer is plain when no string in it needs escaping", async () => {
    for (const [value, isPlain] of [
      ["naïve / 価格 🙂 \u2028", true],
      ['a "quote"', false],
      ["a\\b", false],
      ["a\nb", false],
    ] as const) {
      subgraph.script = json({ data: { value } });
      expect(await subgraph.send()).toMatchObject({ data: { value }, isPlain });
    }
  });

  it("an answer is ASCII when every byte of it is, also where bytes are no characters", async () => {
    for (const [value, isAscii] of [
      [Buffer.from("plain"), true],
      [Buffer.from("na\u00efve"), false],
      [Buffer.from([0x61, 0xff, 0x62]), false],
    ] as const) {
      subgraph.script = (_req, res) => {
        res.writeHead(200, { "content-type": "application/json" });
        res.end(Buffer.concat([Buffer.from('{"data":{"value":"'), value, Buffer.from('"}}')]));
      };
      expect(await subgraph.send()).toMatchObject({ data: { value: value.toString("utf8") }, isAscii });
    }
  });

  it("characters cut in two by the border of a chunk stay whole", async () => {
    const bytes = Buffer.from(JSON.stringify({ data: { a: "é🙂" } }));
    const parts = bytes.indexOf(Buffer.from("🙂")) + 2;
    subgraph.script = (_req, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.write(bytes.subarray(0, parts));
      setImmediate(() => res.end(bytes.subarray(parts)));
    };
    expect((await subgraph.send()).data).toEqual({ a: "é🙂" });
  });

  it("a byte order mark is skipped", async () => {
    subgraph.script = json('\ufeff{"data":{"a":1}}');
    expect((await subgraph.send()).data).toEqual({ a: 1 });
  });

  it("keys with meaning in JavaScript are ordinary strings", async () => {
    subgraph.script = json('{"data":{"__proto__":{"a":1},"constructor":2}}');
    const { data } = await subgraph.send();
    expect(Object.entries(data ?? {})).toEqual([
      ["__proto__", { a: 1 }],
      ["constructor", 2],
    ]);
  });

  it("the plan's rewrite sees the data before anybody else, and not when there is none", async () => {
    subgraph.script = json({ data: { b: 1 } });
    const rewrite = (data: Record<string, unknown>) => {
      data["a"] = data["b"];
      delete data["b"];
    };
    expect((await subgraph.send({ rewrite })).data).toEqual({ a: 1 });
    subgraph.script = json({ data: null, errors: [{ message: "No.", extensions: { code: "NOT_FOUND" } }] });
    expect(await subgraph.send({ rewrite })).toMatchObject({
      data: null,
      isFault: false,
      errors: [{ message: "No." }],
    });
  });

  it("a rewrite that fails is a fault, not a rejection", async () => {
    subgraph.script = json({ data: { a: 1 } });
    const rewrite = () => {
      throw new Error("no such field");
    };
    expect(await subgraph.send({ rewrite })).toMatchObject(FAULT);
    expect(reasons()).toEqual(["fault"]);
  });

  it("errors keep the subgraph's own paths", async () => {
    const path = ["_entities", 3, "name"];
    subgraph.script = json({ data: null, errors: [{ message: "Gone.", path, extensions: { code: "NOT_FOUND" } }] });
    expect((await subgraph.send()).errors[0]?.path).toEqual(path);
  });

  it("204 is no answer", async () => {
    subgraph.script = (_req, res) => res.writeHead(204).end();
    expect(await subgraph.send()).toMatchObject(FAULT);
    expect(reasons()).toEqual(["content-type"]);
  });

  it("an answer that ends too early is asked for once more, and is a broken connection then", async () => {
    subgraph.script = (_req, res) => {
      res.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      res.write('{"data":{}}', () => res.destroy());
    };
    expect(await subgraph.send()).toMatchObject(FAULT);
    expect(reasons()).toEqual(["connection"]);
    expect(subgraph.requests).toHaveLength(2);
  });

  it("an answer that says that it is too large is not read", async () => {
    const closed = new Promise<void>((resolve) => {
      subgraph.script = (req, res) => {
        req.socket.once("close", () => resolve());
        res.writeHead(200, { "content-type": "application/json", "content-length": "100000000" });
        res.write("{");
      };
    });
    expect(await subgraph.send()).toMatchObject(FAULT);
    await closed;
    expect(reasons()).toEqual(["too-large"]);
  });

  it("an answer without an end is read up to the limit", async () => {
    let written = 0;
    const closed = new Promise<void>((resolve) => {
      subgraph.script = (req, res) => {
        req.socket.once("close", () => resolve());
        res.writeHead(200, { "content-type": "application/json" });
        const chunk = Buffer.alloc(8_192, " ");
        const more = () => {
          written += chunk.length;
          if (!res.destroyed) res.write(chunk, more);
        };
        more();
      };
    });
    expect(await subgraph.send()).toMatchObject(FAULT);
    await closed;
    expect(reasons()).toEqual(["too-large"]);
    expect(written).toBeLessThan(50_000_000);
  });

  it("names of headers are read in any case, and an interim answer is not the answer", async () => {
    subgraph.script = (_req, res) => {
      res.writeEarlyHints({ link: "</x>; rel=preload" });
      res.setHeader("Content-TYPE", "APPLICATION/JSON").end('{"data":{"a":1}}');
    };
    expect((await subgraph.send()).data).toEqual({ a: 1 });
  });

  it("a request that cannot be made is our fault, and not sent twice", async () => {
    expect(await subgraph.send({}, { forwardedHeaders: { "x-tenant": "a\nb" } })).toMatchObject(FAULT);
    expect(reasons()).toEqual(["fault"]);
    expect(subgraph.requests).toEqual([]);
  });

  it("a forwarded header never takes the place of the gateway's own", async () => {
    const forwardedHeaders = { "x-request-id": "theirs", traceparent: "theirs", accept: "text/html", "x-tenant": "t" };
    await subgraph.send({}, { forwardedHeaders });
    expect(subgraph.requests[0]?.headers).toMatchObject({
      "x-request-id": "r1",
      traceparent: "00-t-1",
      accept: "application/graphql-response+json, application/json;q=0.9",
      "x-tenant": "t",
    });
  });

  describe("compression", () => {
    const body = JSON.stringify({ data: { a: "é".repeat(2_000) } });

    it("is not asked for by default, and an answer that has it all the same is malformed", async () => {
      subgraph.script = json(gzipSync(body), { "content-encoding": "gzip" });
      expect(await subgraph.send()).toMatchObject(FAULT);
      expect(subgraph.requests[0]?.headers).not.toHaveProperty("accept-encoding");
      expect(reasons()).toEqual(["malformed"]);
    });

    it.each([
      ["gzip", gzipSync],
      ["GZip", gzipSync],
      ["deflate", deflateSync],
      ["br", brotliCompressSync],
      ["identity", Buffer.from],
    ] as const)("%s is understood where it is switched on", async (name, encode) => {
      await open({ compression: true });
      subgraph.script = json(encode(body), { "content-encoding": name });
      expect(await subgraph.send()).toMatchObject({ data: { a: "é".repeat(2_000) }, bytes: Buffer.byteLength(body) });
      expect(subgraph.requests[0]?.headers["accept-encoding"]).toBe("br, gzip, deflate");
    });

    it.each([
      ["a small body that becomes a large one", gzipSync(Buffer.alloc(50_000_000, " ")), "gzip", "too-large"],
      ["the same by Brotli", brotliCompressSync(Buffer.alloc(5_000_000, " ")), "br", "too-large"],
      ["half a body", gzipSync(body).subarray(0, 20), "gzip", "malformed"],
      ["no gzip at all", Buffer.from(body), "gzip", "malformed"],
      ["a coding that nobody asked for", Buffer.from(body), "zstd", "malformed"],
      ["a name that every object has", Buffer.from(body), "constructor", "malformed"],
    ])("%s is a fault", async (_what, bytes, encoding, reason) => {
      await open({ compression: true, maxResponseBytes: 60_000 });
      subgraph.script = json(bytes, { "content-encoding": encoding });
      expect(await subgraph.send()).toMatchObject(FAULT);
      expect(reasons()).toEqual([reason]);
    });
  });

  describe("clients that are gone", () => {
    it("whose operation is over before it begins sends nothing", async () => {
      expect(await subgraph.send({}, { signal: AbortSignal.abort() })).toMatchObject(FAULT);
      expect(subgraph.requests).toEqual([]);
    });

    it("all calls of an operation end with it, through one listener", async () => {
      const client = new AbortController();
      const arrived = new Promise<void>((resolve) => {
        subgraph.script = () => subgraph.requests.length === 3 && resolve();
      });
      const calls = [1, 2, 3].map(() => subgraph.send({}, { signal: client.signal }));
      await arrived;
      expect(getEventListeners(client.signal, "abort")).toHaveLength(1);
      client.abort();
      for (const call of calls) expect(await call).toMatchObject(FAULT);
    });

    it("a call that waits for a connection ends at once, is never sent, and leaves the connection alone", async () => {
      await open({ maxConnections: 1 });
      const client = new AbortController();
      let answerFirst = () => {};
      subgraph.script = (req, res, body) => {
        answerFirst = () => json({ data: { first: true } })(req, res, body);
        client.abort();
      };
      const running = subgraph.send();
      const waiting = subgraph.send({ body: "waiting" }, { signal: client.signal });
      expect(await waiting).toMatchObject(FAULT);
      subgraph.script = json({ data: { next: true } });
      answerFirst();
      expect((await running).data).toEqual({ first: true });
      expect((await subgraph.send()).data).toEqual({ next: true });
      expect(subgraph.requests.map(({ body }) => body)).not.toContain("waiting");
      expect(subgraph.connections()).toBe(1);
    });
  });

  it("the deadline also ends what waits for a connection", async () => {
    await open({ maxConnections: 1, timeoutMs: 50 });
    subgraph.script = () => {};
    expect(await Promise.all([subgraph.send(), subgraph.send()])).toMatchObject([FAULT, FAULT]);
    expect(reasons()).toEqual(["deadline", "deadline"]);
  });

  it("calls are counted by subgraph and outcome", async () => {
    subgraph.script = json({ data: { a: 1 } });
    await subgraph.send();
    subgraph.script = json({ data: null, errors: [{ message: "relation users" }] });
    await subgraph.send();
    subgraph.script = json("{");
    await subgraph.send();
    await subgraph.send();
    const text = await subgraph.metrics.metrics();
    for (const [outcome, count] of [
      ["ok", 1],
      ["error", 1],
      ["malformed", 2],
    ] as const) {
      const name = "gateway_subgraph_request_duration_seconds_count";
      expect(text).toContain(`${name}{subgraph="shop",outcome="${outcome}"} ${count}`);
    }
  });
});

describe("deadlines", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("every call has its own, and one that is over has none", () => {
    const due: string[] = [];
    const deadlines = createDeadlines(100);
    const start = (name: string) => {
      const timed = { dueAtMs: 0, place: 0, onDue: () => void due.push(name) };
      deadlines.start(timed);
      return timed;
    };
    start("a");
    const b = start("b");
    jest.advanceTimersByTime(60);
    start("c");
    deadlines.stop(b);
    jest.advanceTimersByTime(40);
    expect(due).toEqual(["a"]);
    jest.advanceTimersByTime(59);
    expect(due).toEqual(["a"]);
    jest.advanceTimersByTime(1);
    expect(due).toEqual(["a", "c"]);
    expect(jest.getTimerCount()).toBe(0);
    start("d");
    jest.advanceTimersByTime(100);
    expect(due).toEqual(["a", "c", "d"]);
  });
});

describe("deadlines of many calls", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("are kept for each of them, however many run, end early or twice, or go on beside thousands of others", () => {
    const due: number[] = [];
    const deadlines = createDeadlines(100);
    const start = (name: number) => {
      const timed = { dueAtMs: 0, place: 0, onDue: () => void due.push(name) };
      deadlines.start(timed);
      return timed;
    };
    const expected: number[] = [];
    for (let i = 0; i < 5_000; i++) {
      const timed = start(i);
      // Most are over at once, some go on, and at times there are many of these.
      if (i % 7 === 0 || (i > 1_000 && i < 1_500)) expected.push(i);
      else deadlines.stop(timed);
      if (i % 5 === 0 && !expected.includes(i)) deadlines.stop(timed);
    }
    jest.advanceTimersByTime(99);
    expect(due).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(due).toEqual(expected);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe("the signature of who asks", () => {
  const SECRET = "an internal secret of 32 characters!";
  const viewer = { kind: "user", subject: "u1", roles: ["STAFF"], scopes: ["x"], sessionId: "s1" } as const;

  it("is made once for viewers of equal value, for half a minute", async () => {
    let now = 0;
    const sign = createSigner(SECRET, () => now);
    const first = await sign(viewer, "shop");
    now += 29_999;
    expect(await sign({ ...viewer }, "shop")).toBe(first);
    expect(sign(viewer, "shop")).toBe(first);
    now += 1;
    expect(sign(viewer, "shop")).toBeInstanceOf(Promise);
  });

  it("is another one for anybody else and for any other subgraph", async () => {
    const sign = createSigner(SECRET, () => 0);
    const others = [
      undefined,
      { ...viewer, kind: "partner" },
      { ...viewer, subject: "u2" },
      { ...viewer, roles: [] },
      { ...viewer, scopes: ["x", "y"] },
      { ...viewer, sessionId: "s2" },
      { kind: "user", subject: "u1", roles: ["STAFF"], scopes: ["x"] },
    ] as const;
    const headers = await Promise.all([...[viewer, ...others].map((who) => sign(who, "shop")), sign(viewer, "users")]);
    expect(new Set(headers).size).toBe(headers.length);
  });
});
