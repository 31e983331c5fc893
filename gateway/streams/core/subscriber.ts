import type { GraphQLError } from "graphql";
import type { ErrorCode } from "../../../kit/errors";
import { type Span, tracer } from "../../../kit/tracing/tracer";
import { typedError } from "./typed-error";
import type { EventBuffer } from "../event-field";
import type { Ending, Sink } from "../stream";
import type { Group } from "./group";
import type { Member, Membership } from "./membership";
import { createStreamBuffer, type Delivery, type StreamBuffer } from "./stream-buffer";
import type { EndingReason, StreamMetrics } from "./stream-metrics";

/** Where a subscriber is: a group, and the time in it. */
export interface Place {
  readonly group: Group;
  readonly membership: Membership;
}

/** Whose a subscriber is. */
export interface SubscriberOwner {
  /** Called once, when the subscription is over. */
  onEnd(reason: EndingReason): void;
}

/**
 * The way from a group to one sink. Nobody waits for it: what the sink does not take waits here, within the bounds of the field.
 */
export class Subscriber implements Member {
  /** The newest one: of a subscriber who goes from group to group the earlier ones end by themselves. */
  place: Place | undefined;
  /** Places that still give what came before the newest. */
  #earlier: Set<Place> | undefined;
  #isStarted = false;
  #isWritable = true;
  #buffer: StreamBuffer | undefined;
  #recovered: boolean | undefined;
  #dropped = 0;
  #cursor: string | undefined;
  #ending: Ending | undefined;
  #ready: ((isThere: boolean) => void) | undefined;

  /**
   * @param cursor where the subscriber would have to resume if it ended before its first message
   * @param clientTrace of a client that has a recorded trace of its own: each message to it is recorded
   */
  constructor(
    private readonly sink: Sink,
    private readonly metrics: StreamMetrics,
    cursor: string | undefined,
    private readonly owner: SubscriberOwner,
    private readonly clientTrace?: string,
  ) {
    this.#cursor = cursor;
  }

  /** How the subscription ended, perhaps before its sink could be told. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** From now on the sink may be called. */
  start(): void {
    this.#isStarted = true;
    if (this.#ending) this.sink.end(this.#ending);
  }

  /** Goes on in another group: what the one before still has for the subscriber comes first. */
  moveTo(next: Place, seq: number): void {
    const { place } = this;
    this.place = next;
    if (!place) return;
    (this.#earlier ??= new Set()).add(place);
    place.membership.onOver(() => {
      this.#earlier?.delete(place);
      next.membership.open();
    });
    place.group.leaveBehind(place.membership, seq);
  }

  deliver(delivery: Delivery): void {
    if (this.#ending) return;
    if (this.#isWritable && !this.#buffer?.size) this.#write(delivery);
    else {
      this.#buffer ??= createStreamBuffer(this.#bounds(), (lost, why) => this.lose(lost, why));
      if (!this.#buffer.push(delivery)) this.overflow();
    }
  }

  /** Several deliveries follow at once. */
  gather(): void {
    if (!this.#ending) this.sink.gather?.();
  }

  lose({ recovered, dropped }: Delivery, why: "replaced" | "dropped"): void {
    this.metrics.lost(why, this.#bounds().policy);
    this.owe(recovered, dropped + (why === "dropped" ? 1 : 0));
  }

  /** What the next message tells, whichever it is. */
  owe(recovered: boolean | undefined, dropped: number): void {
    this.#dropped += dropped;
    if (recovered !== undefined) this.#recovered = recovered && this.#recovered !== false;
  }

  overflow(): void {
    this.fail("SUBSCRIPTION_SLOW_CONSUMER", "Changes came faster than they were read.", "slow-consumer");
  }

  /** @returns whether there still is a reader, when it takes messages again */
  ready(): boolean | Promise<boolean> {
    if (this.#ending) return false;
    if (this.#isWritable) return true;
    return new Promise((resolve) => (this.#ready = resolve));
  }

  drained(): void {
    this.#isWritable = true;
    while (this.#isWritable && !this.#ending) {
      const delivery = this.#buffer?.shift();
      if (!delivery) break;
      this.#write(delivery);
    }
    if (this.#isWritable) this.#tellReady(true);
  }

  /** Ends with one typed error, and the cursor to go on from. */
  fail(code: ErrorCode, message: string, reason: EndingReason, details: Readonly<Record<string, unknown>> = {}): void {
    const cursor = this.#cursor === undefined ? {} : { cursor: this.#cursor };
    const errors: readonly GraphQLError[] = [typedError(code, message, { ...details, ...cursor })];
    this.end({ kind: "error", errors }, reason);
  }

  end(ending: Ending, reason: EndingReason): void {
    if (!this.#over(ending, reason)) return;
    if (this.#isStarted) this.sink.end(ending);
  }

  /** The client has left. */
  leave(): void {
    this.#over({ kind: "complete" }, "client");
  }

  #over(ending: Ending, reason: EndingReason): boolean {
    if (this.#ending) return false;
    this.#ending = ending;
    this.#buffer = undefined;
    for (const { group, membership } of this.place ? [this.place, ...(this.#earlier ?? [])] : [])
      group.leave(membership);
    this.#earlier = undefined;
    this.#tellReady(false);
    this.owner.onEnd(reason);
    return true;
  }

  #write(delivery: Delivery): void {
    const { message } = delivery;
    if (delivery.recovered !== undefined || delivery.dropped > 0) this.owe(delivery.recovered, delivery.dropped);
    const recovered = this.#recovered;
    const dropped = this.#dropped;
    this.#recovered = undefined;
    this.#dropped = 0;
    this.#cursor = message.cursor ?? this.#cursor;
    this.metrics.messages++;
    const told = recovered === undefined && dropped === 0 ? message : message.telling({ recovered, dropped });
    const span = this.clientTrace === undefined ? undefined : this.#trace(message, this.clientTrace);
    this.#isWritable = this.sink.write(told);
    span?.end(this.#isWritable ? undefined : { "tributary.subscriber.is_slow": true });
  }

  /** In the trace of the event where there is one, with the client's own beside it. */
  #trace({ traceparent }: Delivery["message"], clientTrace: string): Span | undefined {
    return tracer()?.start(
      "producer",
      `send ${this.place?.group.field.name ?? ""}`,
      traceparent ?? clientTrace,
      undefined,
      clientTrace,
    );
  }

  #tellReady(isThere: boolean): void {
    const tell = this.#ready;
    this.#ready = undefined;
    tell?.(isThere);
  }

  #bounds(): EventBuffer {
    if (!this.place) throw new Error("a subscriber without a group");
    return this.place.group.field.buffer;
  }
}
