import type { GraphQLError } from "graphql";
import type { Generation } from "../../generation";
import type { Sink, Subscription, SubscriptionRequest } from "../stream";
import type { Group } from "./group";
import type { Membership } from "./membership";
import type { PreparedStream } from "./prepared-stream";
import type { Replannable } from "./replans";
import type { EndingReason, StreamMetrics } from "./stream-metrics";
import { Subscriber, type SubscriberOwner } from "./subscriber";
import { recordedTrace } from "./trace-event";

/** What all subscriptions of a gateway share. */
export interface SubscriptionHome {
  readonly metrics: StreamMetrics;
  /** The number of the newest change that was taken. */
  readonly seq: number;
  groupOf(prepared: PreparedStream): Group;
  renew(running: RunningSubscription, expiresAtMs: number | undefined): void;
  onOver(running: RunningSubscription, reason: EndingReason): void;
}

/** One subscription in its group. A class, and only what must be kept: ten thousand of them may begin in the same seconds. */
export class RunningSubscription implements Replannable, Subscription, SubscriberOwner {
  readonly subscriber: Subscriber;
  readonly group: Group;
  /** What comes for the subscriber waits until it is opened. */
  readonly membership: Membership;
  readonly recheck: SubscriptionRequest["recheck"];
  readonly context: SubscriptionRequest["context"];
  readonly operationName: string | undefined;
  generation: Generation;
  /** Gives its places back. */
  readonly leavers: (() => void)[] = [];

  /** @param cursor where it would have to resume if it ended before its first message */
  constructor(
    private readonly home: SubscriptionHome,
    request: SubscriptionRequest,
    prepared: PreparedStream,
    sink: Sink,
    cursor: string | undefined,
  ) {
    this.recheck = request.recheck;
    this.context = request.context;
    this.operationName = request.operationName;
    this.generation = request.checked.generation;
    this.subscriber = new Subscriber(sink, home.metrics, cursor, this, recordedTrace(request.clientTrace));
    this.group = home.groupOf(prepared);
    this.membership = this.group.join(this.subscriber, home.seq);
    this.subscriber.place = this;
  }

  get isOver(): boolean {
    return this.subscriber.ending !== undefined;
  }

  take(prepared: PreparedStream): void {
    const group = this.home.groupOf(prepared);
    if (group === this.subscriber.place?.group) return;
    const { seq } = this.home;
    this.subscriber.moveTo({ group, membership: group.join(this.subscriber, seq) }, seq);
  }

  refuse(reason: string): void {
    const message = `The graph has changed and the subscription does not fit it any more: ${reason}`;
    this.subscriber.fail("SUBSCRIPTION_GRAPH_CHANGED", message, "graph-changed");
  }

  drained(): void {
    this.subscriber.drained();
  }

  renew(expiresAtMs: number | undefined): void {
    if (!this.isOver) this.home.renew(this, expiresAtMs);
  }

  leave(): void {
    this.subscriber.leave();
  }

  onEnd(reason: EndingReason): void {
    for (const leave of this.leavers) leave();
    this.home.onOver(this, reason);
  }

  /** Why it cannot run, when that turned out before it began. */
  get refusal(): readonly GraphQLError[] | "going-away" | undefined {
    const { ending } = this.subscriber;
    if (!ending) return undefined;
    return ending.kind === "error" ? ending.errors : "going-away";
  }
}
