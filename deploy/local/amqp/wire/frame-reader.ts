import { AmqpError } from "./amqp-error";
import { frameEnd, frameOverhead } from "./codec";

export interface Frame {
  type: number;
  channel: number;
  payload: Buffer;
}

export const frameTypes = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;
const knownTypes = new Set<number>(Object.values(frameTypes));

/** Cuts a connection's bytes into frames. A hostile size is refused from its header, before anything is buffered for it. */
export class FrameReader {
  private pending: Buffer = Buffer.alloc(0);

  /** The largest whole frame in bytes, as negotiated; 0 is "no limit" in tune-ok, which never reaches this class. */
  constructor(public frameMaxBytes: number) {}

  push(bytes: Buffer): void {
    this.pending = this.pending.length ? Buffer.concat([this.pending, bytes]) : bytes;
  }

  /** The protocol header, or undefined while fewer than 8 bytes have arrived. */
  takeHeader(): Buffer | undefined {
    if (this.pending.length < 8) return undefined;
    const header = this.pending.subarray(0, 8);
    this.pending = this.pending.subarray(8);
    return header;
  }

  /** The next whole frame; throws AmqpError 501 on bytes that cannot become one. */
  next(): Frame | undefined {
    const bytes = this.pending;
    if (bytes.length < 7) return undefined;
    const type = bytes[0]!;
    const sizeBytes = bytes.readUInt32BE(3);
    if (!knownTypes.has(type)) throw new AmqpError(501, `type ${type}, all octets = <<>>: unknown_frame`);
    if (sizeBytes > this.frameMaxBytes - frameOverhead) {
      const limit = this.frameMaxBytes - frameOverhead;
      throw new AmqpError(501, `type ${type}, all octets = <<>>: {frame_too_large,${sizeBytes},${limit}}`);
    }
    if (bytes.length < sizeBytes + frameOverhead) return undefined;
    const payload = bytes.subarray(7, 7 + sizeBytes);
    const end = bytes[7 + sizeBytes]!;
    if (end !== frameEnd) {
      throw new AmqpError(501, `type ${type}, all octets = ${octets(payload)}: {invalid_frame_end_marker,${end}}`);
    }
    this.pending = bytes.subarray(sizeBytes + frameOverhead);
    return { type, channel: bytes.readUInt16BE(1), payload };
  }
}

/** Erlang's way to print bytes, as RabbitMQ's texts have it; the error cuts what does not fit. */
export function octets(bytes: Buffer): string {
  return `<<${[...bytes.subarray(0, 100)].join(",")}>>`;
}
