/**
 * The process that answers for all subgraphs: `POST /<subgraph>`. Each distinct (path, body) is executed once; after that
 * its bytes are sent from memory, because what is measured stands in front of it.
 */
import net from "node:net";
import { graphql } from "graphql";
import { createSubgraphSchema, type SubgraphName, subgraphNames } from "../scenario/subgraphs";
import { createMessageReader } from "./http-messages";

/** What the process sends over its channel. */
export type SubgraphReport =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "usage"; readonly requests: number; readonly cpuMicros: number };

const schemas = new Map(subgraphNames.map((name) => [`/${name}`, createSubgraphSchema(name as SubgraphName)]));
const stored = new Map<string, Promise<Buffer> | Buffer>();
let requests = 0;

async function compute(path: string, body: string): Promise<Buffer> {
  const schema = schemas.get(path);
  if (!schema) return response(404, { errors: [{ message: `no subgraph at ${path}` }] });
  try {
    const { query, variables, operationName } = JSON.parse(Buffer.from(body, "latin1").toString("utf8"));
    const result = await graphql({ schema, source: query, variableValues: variables, operationName });
    return response(200, result);
  } catch (error) {
    return response(400, { errors: [{ message: String(error) }] });
  }
}

function response(status: number, content: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(content));
  const head = `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Refused"}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/**
 * Whole requests that came in one piece, as they were on the wire, by their length: many gateways repeat themselves to
 * the byte, and comparing bytes costs a tenth of reading a request. Those that number their requests are read.
 */
const repeated = new Map<number, { readonly request: Buffer; readonly answer: Buffer }[]>();
const MAX_OF_ONE_LENGTH = 8;

const recall = (chunk: Buffer) => repeated.get(chunk.length)?.find(({ request }) => request.equals(chunk))?.answer;

function remember(chunk: Buffer, answer: Buffer): void {
  const sameLength = repeated.get(chunk.length) ?? [];
  if (sameLength.length >= MAX_OF_ONE_LENGTH) return;
  repeated.set(chunk.length, [...sameLength, { request: Buffer.from(chunk), answer }]);
}

function answerTo(head: string, body: string): Promise<Buffer> | Buffer {
  const from = head.indexOf(" ") + 1;
  const path = head.slice(from, head.indexOf(" ", from));
  const key = path + body;
  const known = stored.get(key);
  if (known) return known;
  const computed = compute(path, body);
  stored.set(key, computed);
  void computed.then((bytes) => stored.set(key, bytes));
  return computed;
}

const server = net.createServer({ noDelay: true }, (socket) => {
  /** The last answer that could not be sent at once; what follows waits for it, so that order is kept. */
  let last: Promise<void> | undefined;
  const send = (answer: Promise<Buffer> | Buffer) => {
    requests++;
    if (answer instanceof Buffer && last === undefined) return void socket.write(answer);
    const turn = Promise.all([answer, last]).then(([bytes]) => {
      socket.write(bytes);
      if (last === turn) last = undefined;
    });
    last = turn;
  };
  let arrived: (Promise<Buffer> | Buffer)[] = [];
  const reader = createMessageReader((head, _bytes, body) => arrived.push(answerTo(head, body)), { keepBodies: true });

  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const isBeginning = reader.isBetweenMessages();
    const repeatedAnswer = isBeginning ? recall(chunk) : undefined;
    if (repeatedAnswer) return send(repeatedAnswer);
    try {
      reader.read(chunk, chunk.length);
    } catch {
      return void socket.destroy();
    }
    const [only] = arrived;
    if (isBeginning && reader.isBetweenMessages() && arrived.length === 1 && only instanceof Buffer)
      remember(chunk, only);
    arrived.forEach(send);
    arrived = [];
  });
});

server.listen(0, "127.0.0.1", () => {
  report({ type: "listening", port: (server.address() as net.AddressInfo).port });
});
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  report({ type: "usage", requests, cpuMicros: user + system });
});
process.on("disconnect", () => process.exit());

function report(message: SubgraphReport): void {
  process.send?.(message);
}
