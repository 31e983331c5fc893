import type { Delivery, Queue } from "../queues/queue";
import type { VirtualHost } from "../routing/virtual-host";
import { AmqpError } from "../wire/amqp-error";
import type { Method } from "../wire/codec";
import type { Frame } from "../wire/frame-reader";
import type { Replies, ReplyName, RequestName } from "../wire/methods";
import { ChannelConsumer } from "./channel-consumer";
import type { ChannelWire } from "./channel-wire";
import { Publisher } from "./publisher";

interface Unsettled {
  delivery: Delivery;
  /** Undefined for basic.get. */
  consumer: ChannelConsumer | undefined;
}

/** One channel: what is delivered and not settled yet, who consumes, how much they may hold. */
export class Channel {
  readonly consumers = new Map<string, ChannelConsumer>();
  readonly publisher: Publisher;
  /** basic.qos without and with `global`; 0 is no limit. */
  prefetch = 0;
  sharedPrefetch = 0;
  /** What an empty queue name in a method stands for. */
  lastQueue: string | undefined;
  private readonly unsettled = new Map<number, Unsettled>();
  private lastTag = 0;
  private inFlight = 0;
  private closing = false;

  constructor(
    readonly connection: ChannelWire,
    readonly id: number,
    /** Does what a method asks; throws AmqpError. */
    private readonly answer: (channel: Channel, name: RequestName, fields: unknown) => void,
  ) {
    this.publisher = new Publisher(connection, id);
  }

  get virtualHost(): VirtualHost {
    return this.connection.virtualHost;
  }

  /** The prefetch shared by all consumers of the channel is used up. */
  get full(): boolean {
    return this.sharedPrefetch > 0 && this.inFlight >= this.sharedPrefetch;
  }

  send<N extends ReplyName>(name: N, fields: Replies[N]): void {
    this.connection.send(name, this.id, fields);
  }

  /** A frame of this channel; `fields` are those of `method`. Throws AmqpError for what ends the whole connection. */
  receive(frame: Frame, method: Method | undefined, fields: unknown): void {
    if (this.closing) {
      if (method?.name === "ChannelClose") this.send("ChannelCloseOk", {});
      if (method?.name === "ChannelCloseOk" || method?.name === "ChannelClose") this.connection.release(this.id);
      return;
    }
    const inContent = this.publisher.inContent;
    try {
      if (!method) this.publisher.receive(frame);
      else if (inContent) throw this.publisher.unexpected();
      else this.answer(this, method.name as RequestName, fields);
    } catch (error) {
      if (!(error instanceof AmqpError) || error.scope === "connection") throw error;
      this.refuse(error, method?.id ?? Publisher.methodId);
    }
  }

  deliver(consumer: ChannelConsumer, delivery: Delivery): void {
    const deliveryTag = ++this.lastTag;
    if (!consumer.noAck) {
      this.unsettled.set(deliveryTag, { delivery, consumer });
      consumer.inFlight++;
      this.inFlight++;
    }
    const { message, redelivered } = delivery;
    const { exchange, routingKey } = message;
    const fields = { consumerTag: consumer.tag, deliveryTag, redelivered, exchange, routingKey };
    this.connection.sendContent("BasicDeliver", this.id, fields, message);
  }

  answerGet(delivery: Delivery, noAck: boolean, messageCount: number): void {
    const deliveryTag = ++this.lastTag;
    if (noAck) delivery.queue.accept(delivery);
    else this.unsettled.set(deliveryTag, { delivery, consumer: undefined });
    const { message, redelivered } = delivery;
    const { exchange, routingKey } = message;
    const fields = { deliveryTag, redelivered, exchange, routingKey, messageCount };
    this.connection.sendContent("BasicGetOk", this.id, fields, message);
  }

  accept(deliveryTag: number, multiple: boolean): void {
    const settled = this.settle(deliveryTag, multiple);
    for (const delivery of settled) delivery.queue.accept(delivery);
    this.wake(settled);
  }

  discard(deliveryTag: number, multiple: boolean): void {
    const settled = this.settle(deliveryTag, multiple);
    for (const delivery of settled) delivery.queue.discard(delivery);
    this.wake(settled);
  }

  giveBack(deliveryTag: number, multiple: boolean): void {
    const settled = this.settle(deliveryTag, multiple);
    for (const [queue, deliveries] of byQueue(settled)) queue.giveBack(deliveries, true);
    this.wake(settled);
  }

  /** basic.recover: everything unsettled goes back, to whoever is next. */
  recover(): void {
    const settled = this.unsettled.size ? this.settle(0, true) : [];
    for (const [queue, deliveries] of byQueue(settled)) queue.giveBack(deliveries, false);
    this.wake(settled);
  }

  cancel(consumerTag: string): void {
    const consumer = this.consumers.get(consumerTag);
    if (!consumer) return;
    this.consumers.delete(consumerTag);
    consumer.queue.removeConsumer(consumer);
  }

  /** Leaves the queues: consumers go first, so that what goes back does not come here again. */
  end(): void {
    this.closing = true;
    this.publisher.close();
    for (const tag of [...this.consumers.keys()]) this.cancel(tag);
    this.recover();
  }

  wakeQueues(): void {
    for (const consumer of this.consumers.values()) consumer.queue.wake();
  }

  private refuse(error: AmqpError, methodId: number): void {
    this.end();
    this.send("ChannelClose", {
      replyCode: error.replyCode,
      replyText: error.replyText,
      classId: methodId >>> 16,
      methodId: methodId & 0xffff,
    });
  }

  /** Takes out what an ack or nack names; `multiple` with tag 0 is all. Throws 406 on a tag that is not outstanding. */
  private settle(deliveryTag: number, multiple: boolean): Delivery[] {
    const tags: number[] = [];
    if (multiple) {
      for (const tag of this.unsettled.keys()) {
        if (deliveryTag !== 0 && tag > deliveryTag) break;
        tags.push(tag);
      }
    }
    const isUnknown = multiple ? deliveryTag > this.lastTag || (deliveryTag > 0 && !tags.length) : true;
    if (isUnknown) {
      if (!this.unsettled.has(deliveryTag)) throw new AmqpError(406, `unknown delivery tag ${deliveryTag}`);
      tags.push(deliveryTag);
    }
    return tags.map((tag) => {
      const { delivery, consumer } = this.unsettled.get(tag)!;
      this.unsettled.delete(tag);
      if (consumer) {
        consumer.inFlight--;
        this.inFlight--;
      }
      return delivery;
    });
  }

  /** There is room for more: in the queues concerned, and with a shared prefetch for every consumer of the channel. */
  private wake(settled: Delivery[]): void {
    for (const queue of new Set(settled.map((delivery) => delivery.queue))) queue.wake();
    if (this.sharedPrefetch > 0) this.wakeQueues();
  }
}

function byQueue(deliveries: Delivery[]): Map<Queue, Delivery[]> {
  const groups = new Map<Queue, Delivery[]>();
  for (const delivery of deliveries) {
    const group = groups.get(delivery.queue);
    if (group) group.push(delivery);
    else groups.set(delivery.queue, [delivery]);
  }
  return groups;
}
