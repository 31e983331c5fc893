import type { Message } from "../message";
import type { FieldTable } from "../wire/field-table";
import type { QueueSettings } from "./queue-arguments";

export interface QueueDeclaration {
  name: string;
  durable: boolean;
  autoDelete: boolean;
  /** The connection an exclusive queue lives and dies with. */
  owner: object | undefined;
  arguments: FieldTable;
  settings: QueueSettings;
}

/** A message on its way to a consumer, and what its queue remembers about it. */
export interface Delivery {
  readonly queue: Queue;
  readonly message: Message;
  /** The place in the queue; in a stream the offset. */
  readonly position: number;
  redelivered: boolean;
  /** How often it came back unprocessed. */
  deliveryCount: number;
  expiresAtMs: number | undefined;
  /** The journal's id of it; undefined when it is not on disk. */
  storedId: number | undefined;
}

/** Who gets deliveries: a channel's basic.consume. */
export interface Consumer {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly priority: number;
  /** basic.qos in force when it came; 0 is no limit. */
  readonly prefetch: number;
  readonly globalPrefetch: boolean;
  readonly arguments: FieldTable;
  /** Prefetch is not used up and its connection keeps up with what it is sent. */
  canTake(): boolean;
  take(delivery: Delivery): void;
  /** The queue is gone: the server cancels the consumer. */
  cancelled(): void;
}

/**
 * What a channel can do with a queue, whatever its type. A refusal is an AmqpError.
 */
export interface Queue {
  readonly declaration: QueueDeclaration;
  readonly messageCount: number;
  readonly consumerCount: number;
  /** Stores or drops as the limits say; false: the publisher must hear that it was refused (reject-publish). */
  push(message: Message): boolean;
  addConsumer(consumer: Consumer): void;
  removeConsumer(consumer: Consumer): void;
  /** basic.get: the next message, or undefined. */
  get(): Delivery | undefined;
  /** Returns how many messages were dropped. */
  purge(): number;
  /** Processed: forget it. */
  accept(delivery: Delivery): void;
  /** basic.reject or basic.nack without requeue. */
  discard(delivery: Delivery): void;
  /** Back to where they were. `refused`: by basic.reject or basic.nack, not by a consumer that went away. */
  giveBack(deliveries: Delivery[], refused: boolean): void;
  /** Throws when queue.delete's conditions do not hold. */
  assertDeletable(ifUnused: boolean, ifEmpty: boolean): void;
  /** Somebody can take deliveries again. */
  wake(): void;
  /** Somebody declared the queue again: it is not unused. */
  touch(): void;
  /** Stops timers and files; messages stay where they are. */
  close(): void;
  /** Deletes the messages and tells the consumers. */
  remove(): void;
}
