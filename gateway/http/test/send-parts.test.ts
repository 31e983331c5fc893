import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";
import type { DeferredAnswer } from "../../execution/executor";
import { acceptsParts, sendParts } from "../send-parts";

const part = (i: number): DeferredAnswer => ({ label: undefined, path: ["a", i], data: `{"i":${i}}`, errors: [] });

/** Some turns of the loop, in which whatever can go on goes on. */
const turns = async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A client that takes one write at a time, when it is told to. */
function createSlowClient() {
  const taken: string[] = [];
  let take: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      take = () => {
        taken.push(chunk);
        done();
      };
    },
  });
  const heads: unknown[] = [];
  const res = Object.assign(stream, { writeHead: (...head: unknown[]) => void heads.push(head) });
  return { res: res as unknown as ServerResponse, heads, taken, take: () => take?.(), leave: () => stream.destroy() };
}

/** Counts what is asked of it. */
function createParts(count: number, fault?: Error) {
  const seen = { pulled: 0, returned: false };
  async function* parts() {
    try {
      for (let i = 0; i < count; i++) {
        seen.pulled++;
        yield [part(i)];
      }
      if (fault) throw fault;
    } finally {
      seen.returned = true;
    }
  }
  return { seen, parts: parts() };
}

const send = (client: ReturnType<typeof createSlowClient>, parts: AsyncIterable<readonly DeferredAnswer[]>) =>
  sendParts(client.res, { data: "{}", errors: [], parts }, () => []);

describe("an answer in parts", () => {
  it("is made no faster than the client reads it", async () => {
    const client = createSlowClient();
    const { seen, parts } = createParts(3);
    const sent = send(client, parts);
    await turns();
    expect(seen.pulled).toBe(0);
    for (let i = 1; i <= 3; i++) {
      client.take();
      await turns();
      expect(seen.pulled).toBe(i);
    }
    client.take();
    await turns();
    client.take();
    await sent;
    expect(client.heads).toHaveLength(1);
    expect(client.taken.map((text) => text.trim().split("\r\n").at(-1))).toEqual(["---", "---", "---", "---", "-----"]);
  });

  it("ends when the client goes, also while nothing can be written", async () => {
    const client = createSlowClient();
    const { seen, parts } = createParts(100);
    const sent = send(client, parts);
    await turns();
    client.take();
    await turns();
    client.leave();
    await sent;
    expect(seen).toEqual({ pulled: 2, returned: true });
  });

  it("that cannot be completed is left without its end", async () => {
    const client = createSlowClient();
    const { parts } = createParts(0, new Error("a fault"));
    const sent = send(client, parts);
    await turns();
    client.take();
    await expect(sent).rejects.toThrow("a fault");
    expect(client.taken.join("")).not.toContain('"hasNext":false');
  });
});

test.each([
  [undefined, false],
  ["*/*", false],
  ["multipart/mixed", false],
  ["multipart/mixed;deferSpec=20220824", true],
  ['Multipart/Mixed; DeferSpec="20220824", application/json', true],
  ["application/json, multipart/mixed;deferSpec=20220824;q=0.5", true],
  ["multipart/mixed;deferSpec=20220824;q=0", false],
  ["multipart/mixed;deferSpec=20220824;q=0.000", false],
  ["multipart/mixed;incrementalSpec=v0.2", false],
  ["application/json;deferSpec=20220824, multipart/mixed", false],
])("accept: %s takes parts: %s", (accept, expected) => expect(acceptsParts(accept)).toBe(expected));
