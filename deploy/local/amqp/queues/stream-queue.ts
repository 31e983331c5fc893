import { withHeaders, type Message } from "../message";
import type { StreamEntry } from "../storage/stream-segment";
import type { StreamLog } from "../storage/stream-log";
import { AmqpError } from "../wire/amqp-error";
import type { Consumer, Delivery, Queue, QueueDeclaration } from "./queue";
import { startOffset } from "./stream-offset";

interface Reader {
  consumer: Consumer;
  /** The next offset it gets. */
  offset: number;
  readAhead: StreamEntry[];
}

/** Messages a reader gets before others have their turn, and at most holds read ahead. */
const deliveriesPerTurn = 256;

/**
 * A stream: reading does not take anything away, each consumer has its own place in the log, and an acknowledgement only
 * makes room in the consumer's prefetch. What a log cannot do is refused as RabbitMQ refuses it.
 */
export class StreamQueue implements Queue {
  private readers: Reader[] = [];
  private scheduled = false;
  private closed = false;

  constructor(
    readonly declaration: QueueDeclaration,
    private readonly where: string,
    private readonly log: StreamLog,
  ) {}

  get messageCount(): number {
    return this.log.nextOffset - this.log.firstOffset;
  }

  get consumerCount(): number {
    return this.readers.length;
  }

  push(message: Message): boolean {
    this.log.append(message);
    this.wake();
    return true;
  }

  addConsumer(consumer: Consumer): void {
    if (consumer.noAck) throw this.unsupported("automatic acknowledgement");
    if (!consumer.prefetch) throw new AmqpError(406, `consumer prefetch count is not set for '${this.where}'`);
    const offset = startOffset(this.where, consumer.arguments["x-stream-offset"], this.log);
    this.readers.push({ consumer, offset, readAhead: [] });
    this.wake();
  }

  removeConsumer(consumer: Consumer): void {
    this.readers = this.readers.filter((reader) => reader.consumer !== consumer);
  }

  get(): never {
    throw this.unsupported("basic.get");
  }

  purge(): never {
    throw this.unsupported("queue.purge");
  }

  accept(): void {
    this.wake();
  }

  discard(): never {
    throw this.unsupported("basic.nack and basic.reject");
  }

  giveBack(_deliveries: Delivery[], refused: boolean): void {
    if (refused) throw this.unsupported("basic.nack and basic.reject");
  }

  /** RabbitMQ deletes a stream whatever the conditions say. */
  assertDeletable(): void {}

  wake(): void {
    if (this.scheduled || this.closed || !this.readers.length) return;
    this.scheduled = true;
    queueMicrotask(() => this.dispatch());
  }

  touch(): void {}

  close(): void {
    this.closed = true;
    this.log.close();
  }

  remove(): void {
    this.closed = true;
    for (const reader of this.readers) reader.consumer.cancelled();
    this.readers = [];
    this.log.remove();
  }

  private dispatch(): void {
    this.scheduled = false;
    if (this.closed) return;
    let more = false;
    for (const reader of [...this.readers]) more = this.advance(reader) || more;
    if (!more) return;
    this.scheduled = true;
    setImmediate(() => this.dispatch());
  }

  /** Returns whether there is more that the reader could take at once. */
  private advance(reader: Reader): boolean {
    for (let sent = 0; reader.consumer.canTake(); sent++) {
      if (!reader.readAhead.length) reader.readAhead = this.log.read(reader.offset, deliveriesPerTurn);
      if (!reader.readAhead.length) return false;
      if (sent >= deliveriesPerTurn) return true;
      const entry = reader.readAhead.shift()!;
      reader.offset = entry.offset + 1;
      reader.consumer.take(this.delivery(entry));
    }
    return false;
  }

  private delivery({ offset, message }: StreamEntry): Delivery {
    return {
      queue: this,
      message: withHeaders(message, { "x-stream-offset": offset }),
      position: offset,
      redelivered: false,
      deliveryCount: 0,
      expiresAtMs: undefined,
      storedId: undefined,
    };
  }

  private unsupported(what: string): AmqpError {
    return new AmqpError(540, `${what} not supported by stream queues ${this.where}`);
  }
}
