import type { Consumer, Delivery, Queue } from "../queues/queue";
import type { FieldTable } from "../wire/field-table";
import type { Replies, ReplyName } from "../wire/methods";

/** The channel, as its consumers see it. */
interface ConsumingChannel {
  readonly connection: { readonly congested: boolean };
  readonly consumers: Map<string, ChannelConsumer>;
  readonly prefetch: number;
  readonly sharedPrefetch: number;
  readonly full: boolean;
  deliver(consumer: ChannelConsumer, delivery: Delivery): void;
  send<N extends ReplyName>(name: N, fields: Replies[N]): void;
}

/** A basic.consume of a channel, as its queue sees it. */
export class ChannelConsumer implements Consumer {
  /** Delivered and not yet settled. */
  inFlight = 0;
  readonly prefetch: number;
  readonly globalPrefetch: boolean;
  readonly arguments: FieldTable;

  constructor(
    private readonly channel: ConsumingChannel,
    readonly queue: Queue,
    readonly tag: string,
    readonly noAck: boolean,
    readonly exclusive: boolean,
    readonly priority: number,
    args: FieldTable,
  ) {
    this.arguments = args;
    this.prefetch = channel.prefetch;
    this.globalPrefetch = channel.sharedPrefetch > 0;
  }

  canTake(): boolean {
    if (this.channel.connection.congested) return false;
    if (this.noAck) return true;
    return !this.channel.full && (this.prefetch === 0 || this.inFlight < this.prefetch);
  }

  take(delivery: Delivery): void {
    this.channel.deliver(this, delivery);
  }

  cancelled(): void {
    this.channel.consumers.delete(this.tag);
    this.channel.send("BasicCancel", { consumerTag: this.tag, nowait: true });
  }
}
