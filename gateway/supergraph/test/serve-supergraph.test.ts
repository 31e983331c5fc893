import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { recordingLog } from "../../test/harness/recording-log";
import { type Served, serveText, UnreadableSourceError } from "../serve-text";
import { serveSupergraph } from "../serve-supergraph";
import { urlSource } from "../url-source";
import { startTextServer, type TextServer, withEtag } from "./text-server";

const SERVED = "a changed url is served";
const REFUSED = "a changed url cannot be served, what was read before stays";
const UNREAD = "a url cannot be read, what was read before stays";

/** Texts that begin with "bad" cannot be served. */
const build = async (text: string) => {
  if (text.startsWith("bad")) throw new Error(`${text} is bad`);
  return text;
};

let server: TextServer;
let served: Served<string> | undefined;

beforeEach(async () => {
  server = await startTextServer(withEtag("one"));
});
afterEach(async () => {
  await served?.close();
  served = undefined;
  await server.close();
});

async function serve(options: { dispose?: (last: string) => void } = {}) {
  const { log, lines } = recordingLog();
  served = await serveSupergraph({ source: server.url, pollMs: 5, build, log, ...options });
  const logged = async (message: string) => {
    for (;;) {
      const line = lines.find(({ msg }) => msg === message);
      if (line) return line;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const count = (message: string) => lines.filter(({ msg }) => msg === message).length;
  return { served, lines, logged, count };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("it was served");
    },
    (error: unknown) => error as Error,
  );

describe("a supergraph behind a URL", () => {
  it("is fetched at the start and followed", async () => {
    const { served, logged } = await serve();
    expect(served.current()).toBe("one");
    const changes: string[][] = [];
    served.onChange((next, previous) => changes.push([previous, next]));
    server.answer = withEtag("two");
    await logged(SERVED);
    expect(served.current()).toBe("two");
    expect(changes).toEqual([["one", "two"]]);
  });

  it("is asked for with the ETag of what is there, and 304 changes nothing", async () => {
    const { count } = await serve();
    await server.asked(3);
    expect(server.received[0]).not.toHaveProperty("if-none-match");
    expect(server.received.slice(1).every((headers) => headers["if-none-match"] === '"one"')).toBe(true);
    expect(count(SERVED)).toBe(0);
  });

  it("is asked for with its date where there is no ETag", async () => {
    const date = "Sat, 21 Nov 2026 06:00:00 GMT";
    server.answer = (_req, res) => res.writeHead(200, { "last-modified": date }).end("one");
    await serve();
    await server.asked(1);
    expect(server.received.at(-1)).toMatchObject({ "if-modified-since": date });
  });

  it("that is the same text under another ETag is no reload", async () => {
    const { count } = await serve();
    server.answer = (_req, res) => res.writeHead(200, { etag: '"other"' }).end("one");
    await server.asked(3);
    expect(count(SERVED)).toBe(0);
  });

  it("that cannot be served is reported once, and the running one stays", async () => {
    const { served, logged, count } = await serve();
    server.answer = (_req, res) => res.writeHead(200).end("bad text");
    expect(await logged(REFUSED)).toMatchObject({ reason: "bad text is bad", what: "supergraph" });
    await server.asked(3);
    expect(served.current()).toBe("one");
    expect(count(REFUSED)).toBe(1);
  });

  it("that goes away is reported once, and served again when it is back", async () => {
    const { served, logged, count } = await serve();
    server.answer = (_req, res) => res.writeHead(503).end("down");
    expect((await logged(UNREAD))["reason"]).toBe(`The supergraph at ${server.url} cannot be read (status 503).`);
    await server.asked(3);
    expect(served.current()).toBe("one");
    expect(count(UNREAD)).toBe(1);
    server.answer = withEtag("two");
    await logged(SERVED);
  });

  it.each<[string, TextServer["answer"], string]>([
    ["a missing page", (_req, res) => res.writeHead(404).end(), "status 404"],
    [
      "a redirect",
      (_req, res) => res.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      "status 302; redirects are not followed",
    ],
    ["304 to a question without a condition", (_req, res) => res.writeHead(304).end(), "status 304"],
    ["a connection that breaks", (req) => req.socket.destroy(), "UND_ERR_SOCKET"],
  ])("at the start, %s is one clear error", async (_what, answer, reason) => {
    server.answer = answer;
    const error = await failure(serve());
    expect(error).toBeInstanceOf(UnreadableSourceError);
    expect(error.message).toBe(`The supergraph at ${server.url} cannot be read (${reason}).`);
  });

  it("at the start, nobody there is one clear error, which keeps the query to itself", async () => {
    const { url, close } = server;
    server = await startTextServer(withEtag("one"));
    await close();
    const { log } = recordingLog();
    const error = await failure(serveSupergraph({ source: `${url}?key=secret`, pollMs: 5, build, log }));
    expect(error.message).toBe(`The supergraph at ${url} cannot be read (ECONNREFUSED).`);
  });

  it("a text that cannot be served at the start is refused with its own reason", async () => {
    server.answer = withEtag("bad from the start");
    expect((await failure(serve())).message).toBe("bad from the start is bad");
  });

  it("a body that is too large, however it is sent, is not read to its end", async () => {
    server.answer = (_req, res) => {
      res.writeHead(200);
      const write = () => {
        if (!res.destroyed) res.write("x".repeat(1_000), () => setImmediate(write));
      };
      write();
    };
    const source = urlSource({ url: server.url, what: "supergraph", pollMs: 5, maxBytes: 10_000 });
    expect((await failure(source.read())).message).toContain("(more than 10000 bytes)");
  });

  it("a server that never ends its answer is given up", async () => {
    server.answer = (_req, res) => res.writeHead(200).write("on");
    const source = urlSource({ url: server.url, what: "supergraph", pollMs: 5, timeoutMs: 50 });
    expect((await failure(source.read())).message).toContain("(no answer within 50 ms)");
  });

  it("closing gives up the request under way, says nothing of it, and disposes of what was served last", async () => {
    const disposed: string[] = [];
    const { served, lines } = await serve({ dispose: (last) => disposed.push(last) });
    server.answer = () => undefined;
    await server.asked(1);
    await served.close();
    expect(disposed).toEqual(["one"]);
    expect(lines).toEqual([]);
  });
});

describe("serving a text", () => {
  it("what is still being built at closing is disposed of, and never served", async () => {
    let finish = (_text: string) => {};
    let changed = () => {};
    const texts = ["one", "two"];
    const disposed: string[] = [];
    const building = { two: false };
    served = await serveText({
      source: {
        kind: "test",
        name: "texts",
        read: async () => texts.shift(),
        watch: (onMaybeChanged) => {
          changed = onMaybeChanged;
          return { close: () => undefined };
        },
      },
      what: "supergraph",
      build: (text) => {
        if (text === "one") return Promise.resolve(text);
        building.two = true;
        return new Promise<string>((resolve) => (finish = resolve));
      },
      dispose: (last) => disposed.push(last),
      log: recordingLog().log,
    });
    changed();
    while (!building.two) await new Promise((resolve) => setImmediate(resolve));
    const closing = served.close();
    finish("two");
    await closing;
    expect(served.current()).toBe("one");
    expect(disposed).toEqual(["two", "one"]);
    served = undefined;
  });

  it("anything that is no http URL is a file", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "supergraph-"));
    const source = path.join(folder, "supergraph.graphql");
    await writeFile(source, "from a file");
    served = await serveSupergraph({ source, pollMs: 5, build, log: recordingLog().log });
    expect(served.current()).toBe("from a file");
    await rm(folder, { recursive: true });
  });
});
