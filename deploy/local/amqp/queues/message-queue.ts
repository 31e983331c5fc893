import { withHeaders, type Message } from "../message";
import type { Journal } from "../storage/journal";
import { AmqpError } from "../wire/amqp-error";
import { ConsumerList } from "./consumer-list";
import type { DeathReason } from "./dead-letter";
import type { Consumer, Delivery, Queue, QueueDeclaration } from "./queue";
import { ReadyList } from "./ready-list";

/** What a queue needs from the house around it. */
export interface QueueSurroundings {
  /** "queue 'name' in vhost '/'", for error texts. */
  where: string;
  /** Present when persistent messages of this queue are kept: a durable queue that is not exclusive. */
  disk: { journal: Journal; queueId: number } | undefined;
  /** Publishes to the queue's dead letter exchange, if it has one. */
  die(message: Message, reason: DeathReason): void;
  /** The queue's time is over: x-expires, or the last consumer of an auto-delete queue left. */
  expire(): void;
}

/** After this many deliveries other queues and sockets get their turn. */
const deliveriesPerTurn = 256;
/** setTimeout holds 31 bits; a later expiry is looked at again when this is over. */
const maxTimerMs = 0x7fffffff;

/**
 * A classic or a quorum queue. With one broker the two differ in rules, not in mechanism: a quorum queue keeps every
 * message on disk, counts deliveries, and gives up on a message after `x-delivery-limit` of them.
 */
export class MessageQueue implements Queue {
  private readonly ready: ReadyList;
  private readonly consumers: ConsumerList;
  private readonly unsettled = new Set<Delivery>();
  /** From what a consumer was shown to the queue's own record of it, where the two differ. */
  private readonly bare = new WeakMap<Delivery, Delivery>();
  private readyBytes = 0;
  private lastPosition = 0;
  private scheduled = false;
  private closed = false;
  private expiryTimer: NodeJS.Timeout | undefined;
  private expiryArmedForMs: number | undefined;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly declaration: QueueDeclaration,
    private readonly around: QueueSurroundings,
  ) {
    const { maxPriority, singleActiveConsumer } = declaration.settings;
    this.ready = new ReadyList(({ message }) => Math.min(message.properties.priority ?? 0, maxPriority));
    this.consumers = new ConsumerList(singleActiveConsumer);
    this.touch();
  }

  get messageCount(): number {
    return this.ready.length;
  }

  get consumerCount(): number {
    return this.consumers.size;
  }

  push(message: Message): boolean {
    const { overflow } = this.declaration.settings;
    if (overflow !== "drop-head" && this.isOver(1, message.body.length)) {
      if (overflow === "reject-publish-dlx") this.around.die(message, "maxlen");
      return false;
    }
    const expiresAtMs = this.expiryOf(message);
    const { disk } = this.around;
    const kept = disk && (this.isQuorum || message.properties.deliveryMode === 2);
    const storedId = kept ? disk.journal.store(disk.queueId, message, expiresAtMs) : undefined;
    this.insert(this.delivery(message, expiresAtMs, storedId));
    while (this.isOver(0, 0)) this.drop(this.shift()!, "maxlen");
    this.armExpiry();
    this.wake();
    return true;
  }

  /** Puts back what the journal kept. It may have been delivered before the process ended, so it says so. */
  restore(message: Message, expiresAtMs: number | undefined, storedId: number, deliveryCount: number): void {
    const delivery = this.delivery(message, expiresAtMs, storedId);
    this.insert({ ...delivery, redelivered: true, deliveryCount });
    this.armExpiry();
  }

  addConsumer(consumer: Consumer): void {
    const { where } = this.around;
    if (this.isQuorum && consumer.globalPrefetch) throw new AmqpError(540, `${where} does not support global qos`);
    if (!this.isQuorum && (this.consumers.exclusive || (consumer.exclusive && this.consumers.size))) {
      throw new AmqpError(403, `${where} in exclusive use`);
    }
    this.consumers.add(consumer);
    this.touch();
    this.wake();
  }

  removeConsumer(consumer: Consumer): void {
    this.consumers.remove(consumer);
    this.touch();
    if (this.declaration.autoDelete && !this.consumers.size) this.around.expire();
    else this.wake();
  }

  get(): Delivery | undefined {
    this.touch();
    this.dropExpired(Date.now() - 1);
    const delivery = this.shift();
    if (!delivery) return undefined;
    this.unsettled.add(delivery);
    return this.dressed(delivery);
  }

  purge(): number {
    const dropped = this.ready.drain();
    this.readyBytes = 0;
    for (const delivery of dropped) this.forget(delivery);
    return dropped.length;
  }

  accept(delivery: Delivery): void {
    const own = this.own(delivery);
    if (own) this.forget(own);
  }

  discard(delivery: Delivery): void {
    const own = this.own(delivery);
    if (own) this.drop(own, "rejected");
  }

  giveBack(deliveries: Delivery[], _refused: boolean): void {
    if (this.closed) return;
    for (const delivery of deliveries) {
      const own = this.own(delivery);
      if (!own) continue;
      own.redelivered = true;
      if (this.isQuorum && this.hasFailedTooOften(own)) this.drop(own, "delivery_limit");
      else this.insert(own);
    }
    this.armExpiry();
    this.wake();
  }

  assertDeletable(ifUnused: boolean, ifEmpty: boolean): void {
    const { where } = this.around;
    if (this.isQuorum && (ifUnused || ifEmpty)) {
      const flag = ifUnused ? "if-unused" : "if-empty";
      const reason = `queue.delete operations with ${flag} flag set are not supported by quorum queues`;
      throw new AmqpError(540, `cannot delete ${where}. ${reason}`);
    }
    if (ifUnused && this.consumers.size) throw new AmqpError(406, `${where} in use`);
    if (ifEmpty && this.ready.length) throw new AmqpError(406, `${where} not empty`);
  }

  wake(): void {
    if (this.scheduled || this.closed || !this.consumers.size) return;
    this.scheduled = true;
    queueMicrotask(() => this.dispatch());
  }

  touch(): void {
    clearTimeout(this.idleTimer);
    const { expiresMs } = this.declaration.settings;
    if (expiresMs === undefined || this.consumers.size || this.closed) return;
    const untilMs = Date.now() + expiresMs;
    const wait = (): void => {
      const leftMs = untilMs - Date.now();
      if (leftMs <= 0) this.around.expire();
      else this.idleTimer = setTimeout(wait, Math.min(leftMs, maxTimerMs));
    };
    wait();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.expiryTimer);
    clearTimeout(this.idleTimer);
  }

  remove(): void {
    this.close();
    for (const consumer of this.consumers.all()) consumer.cancelled();
    for (const delivery of [...this.ready.drain(), ...this.unsettled]) this.forget(delivery);
    this.unsettled.clear();
  }

  private get isQuorum(): boolean {
    return this.declaration.settings.type === "quorum";
  }

  private dispatch(): void {
    this.scheduled = false;
    if (this.closed) return;
    // Not yet those of this very millisecond: a message with a TTL of 0 still goes to a consumer that is waiting for it.
    this.dropExpired(Date.now() - 1);
    for (let sent = 0; this.ready.length; sent++) {
      const consumer = this.consumers.next();
      if (!consumer) return;
      if (sent >= deliveriesPerTurn) {
        this.scheduled = true;
        setImmediate(() => this.dispatch());
        return;
      }
      const delivery = this.shift()!;
      if (consumer.noAck) this.forget(delivery);
      else this.unsettled.add(delivery);
      consumer.take(this.dressed(delivery));
    }
  }

  private delivery(message: Message, expiresAtMs: number | undefined, storedId: number | undefined): Delivery {
    const position = ++this.lastPosition;
    return { queue: this, message, position, redelivered: false, deliveryCount: 0, expiresAtMs, storedId };
  }

  /** What the consumer sees. The queue keeps the bare message: the count must not travel on to a dead letter queue. */
  private dressed(delivery: Delivery): Delivery {
    if (!this.isQuorum || delivery.deliveryCount === 0) return delivery;
    const dressed = {
      ...delivery,
      message: withHeaders(delivery.message, { "x-delivery-count": delivery.deliveryCount }),
    };
    this.bare.set(dressed, delivery);
    return dressed;
  }

  /** The queue's own record of what a channel settles; undefined when it was settled or the queue removed meanwhile. */
  private own(delivery: Delivery): Delivery | undefined {
    const own = this.bare.get(delivery) ?? delivery;
    return this.unsettled.delete(own) ? own : undefined;
  }

  private hasFailedTooOften(delivery: Delivery): boolean {
    delivery.deliveryCount++;
    if (delivery.storedId !== undefined) {
      this.around.disk?.journal.returned(delivery.storedId, delivery.deliveryCount);
    }
    const { deliveryLimit } = this.declaration.settings;
    return deliveryLimit !== undefined && deliveryLimit >= 0 && delivery.deliveryCount > deliveryLimit;
  }

  private insert(delivery: Delivery): void {
    this.ready.insert(delivery);
    this.readyBytes += delivery.message.body.length;
  }

  private shift(): Delivery | undefined {
    const delivery = this.ready.shift();
    if (delivery) this.readyBytes -= delivery.message.body.length;
    return delivery;
  }

  private isOver(extraMessages: number, extraBytes: number): boolean {
    const { maxLength = Infinity, maxLengthBytes = Infinity } = this.declaration.settings;
    const isOver = this.ready.length + extraMessages > maxLength || this.readyBytes + extraBytes > maxLengthBytes;
    return isOver && (this.ready.length > 0 || extraMessages > 0);
  }

  private expiryOf(message: Message): number | undefined {
    const { expiration } = message.properties;
    const { messageTtlMs = Infinity } = this.declaration.settings;
    const ttlMs = Math.min(messageTtlMs, expiration === undefined ? Infinity : Number(expiration));
    return ttlMs === Infinity ? undefined : Date.now() + ttlMs;
  }

  /** Only the head is looked at: a message behind one that lives longer waits for it, as in RabbitMQ. */
  private dropExpired(untilMs: number): void {
    for (;;) {
      const first = this.ready.first();
      if (first?.expiresAtMs === undefined || first.expiresAtMs > untilMs) break;
      this.drop(this.shift()!, "expired");
    }
    this.armExpiry();
  }

  private armExpiry(): void {
    const atMs = this.ready.first()?.expiresAtMs;
    if (atMs === this.expiryArmedForMs || this.closed) return;
    clearTimeout(this.expiryTimer);
    this.expiryArmedForMs = atMs;
    if (atMs === undefined) return;
    const inMs = Math.min(Math.max(atMs - Date.now(), 0), maxTimerMs);
    this.expiryTimer = setTimeout(() => {
      this.expiryArmedForMs = undefined;
      this.dropExpired(Date.now());
    }, inMs);
  }

  /** Dead-letters before it forgets: killed in between, the message is in both places rather than in none. */
  private drop(delivery: Delivery, reason: DeathReason): void {
    this.around.die(delivery.message, reason);
    this.forget(delivery);
  }

  private forget(delivery: Delivery): void {
    if (delivery.storedId !== undefined) this.around.disk?.journal.settle(delivery.storedId);
  }
}
