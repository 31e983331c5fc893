import type { Consumer, Delivery, Queue } from "../queues/queue";
import type { FieldTable } from "../wire/field-table";
import type { Channel } from "./channel";

/** A basic.consume of a channel, as its queue sees it. */
export class ChannelConsumer implements Consumer {
  /** Delivered and not yet settled. */
  inFlight = 0;
  readonly prefetch: number;
  readonly globalPrefetch: boolean;
  readonly arguments: FieldTable;

  constructor(
    private readonly channel: Channel,
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
    return !this.channel.congested && (this.prefetch === 0 || this.inFlight < this.prefetch);
  }

  take(delivery: Delivery): void {
    this.channel.deliver(this, delivery);
  }

  cancelled(): void {
    this.channel.consumers.delete(this.tag);
    this.channel.send("BasicCancel", { consumerTag: this.tag, nowait: true });
  }
}
