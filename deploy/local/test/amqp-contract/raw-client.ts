import net from "node:net";
import { contentHeaderFrame, decodeFields, frameEnd, methodOf, protocolHeader } from "../../amqp/wire/codec";
import { until } from "../until";

export interface Received {
  /** Method name, "heartbeat", "header" or "body". */
  kind: string;
  channel: number;
  fields: Record<string, unknown>;
  frameBytes: number;
}

export interface Tuning {
  channelMax: number;
  frameMax: number;
  heartbeat: number;
}

/** A client that may break every rule: it sends the bytes it is told to and writes down what comes back. */
export class RawClient {
  readonly received: Received[] = [];
  /** The protocol header a broker answers with when it does not understand ours. */
  header: Buffer | undefined;
  closed = false;
  private pending = Buffer.alloc(0);
  private readonly socket: net.Socket;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = net.connect(Number(port || 5672), hostname);
    this.socket.setNoDelay(true);
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => (this.closed = true));
    this.socket.on("data", (bytes) => this.take(bytes));
  }

  /** Logged in, with channel 1 open. */
  static async open(url: string, tuning: Partial<Tuning> = {}): Promise<RawClient> {
    const client = new RawClient(url);
    client.write(protocolHeader);
    await client.next("ConnectionStart");
    client.write(startOk());
    await client.next("ConnectionTune");
    client.write(tuneOk({ channelMax: 100, frameMax: 131_072, heartbeat: 0, ...tuning }));
    client.write(methodFrame(0, 10, 40, Buffer.concat([shortString("/"), shortString(""), Buffer.from([0])])));
    await client.next("ConnectionOpenOk");
    client.write(methodFrame(1, 20, 10, shortString("")));
    await client.next("ChannelOpenOk");
    return client;
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The next frame of that kind, taken out together with everything before it. */
  async next(kind: string): Promise<Received> {
    const found = await until(`the broker sends ${kind}`, () => {
      const index = this.received.findIndex((frame) => frame.kind === kind);
      if (index < 0 && this.closed) throw new Error(`the broker hung up before it sent ${kind}`);
      return index >= 0 && this.received.splice(0, index + 1).at(-1);
    });
    return found;
  }

  async isClosed(): Promise<void> {
    await until("the broker hangs up", () => this.closed);
  }

  /** Stops reading; the system's buffers fill up and then the broker's. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.pending = Buffer.concat([this.pending, bytes]);
    if (this.pending.length >= 8 && this.pending.toString("latin1", 0, 4) === "AMQP") {
      this.header = this.pending.subarray(0, 8);
      this.pending = this.pending.subarray(8);
    }
    while (this.pending.length >= 7) {
      const frameBytes = 8 + this.pending.readUInt32BE(3);
      if (this.pending.length < frameBytes) return;
      this.received.push(describeFrame(this.pending.subarray(0, frameBytes)));
      this.pending = this.pending.subarray(frameBytes);
    }
  }
}

function describeFrame(frame: Buffer): Received {
  const channel = frame.readUInt16BE(1);
  const frameBytes = frame.length;
  const type = frame[0]!;
  if (type === 1) {
    const id = frame.readUInt32BE(7);
    const fields = decodeFields(id, frame.subarray(11, -1));
    return { kind: String(methodOf(id).name), channel, fields, frameBytes };
  }
  return { kind: { 2: "header", 3: "body", 8: "heartbeat" }[type] ?? "unknown", channel, fields: {}, frameBytes };
}

export function rawFrame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head[0] = type;
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([frameEnd])]);
}

export function methodFrame(channel: number, classId: number, methodId: number, fields: Buffer): Buffer {
  const id = Buffer.alloc(4);
  id.writeUInt16BE(classId, 0);
  id.writeUInt16BE(methodId, 2);
  return rawFrame(1, channel, Buffer.concat([id, fields]));
}

export function shortString(text: string): Buffer {
  return Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
}

export function longString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** connection.start-ok; the client hears of a refused login only when it says that it can. */
export function startOk(response = "\0guest\0guest", mechanism = "PLAIN", hearsOfRefusal = true): Buffer {
  const capability = Buffer.concat([shortString("authentication_failure_close"), Buffer.from("t\x01", "latin1")]);
  const capabilities = Buffer.concat([shortString("capabilities"), Buffer.from("F"), longString(capability)]);
  const properties = longString(hearsOfRefusal ? capabilities : Buffer.alloc(0));
  const rest = [shortString(mechanism), longString(Buffer.from(response)), shortString("en_US")];
  return methodFrame(0, 10, 11, Buffer.concat([properties, ...rest]));
}

export function tuneOk({ channelMax, frameMax, heartbeat }: Tuning): Buffer {
  const fields = Buffer.alloc(8);
  fields.writeUInt16BE(channelMax, 0);
  fields.writeUInt32BE(frameMax, 2);
  fields.writeUInt16BE(heartbeat, 6);
  return methodFrame(0, 10, 31, fields);
}

/** basic.publish to the default exchange. */
export function publishFrame(channel: number, routingKey: string, flags = 0): Buffer {
  return methodFrame(
    channel,
    60,
    40,
    Buffer.concat([Buffer.alloc(2), shortString(""), shortString(routingKey), Buffer.from([flags])]),
  );
}

export function headerFrame(channel: number, bodyBytes: number): Buffer {
  return contentHeaderFrame(channel, bodyBytes, Buffer.alloc(2));
}
