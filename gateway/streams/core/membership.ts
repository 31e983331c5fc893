import type { EventBuffer } from "../event-field";
import { createStreamBuffer, type Delivery, type StreamBuffer } from "./stream-buffer";

/** Who takes a membership's deliveries. */
export interface Member {
  deliver(delivery: Delivery): void;
  /** A delivery that the member will never see. */
  lose(delivery: Delivery, why: "replaced" | "dropped"): void;
  /** More waits than the field allows. */
  overflow(): void;
}

/**
 * One subscriber's time in a group: which of the group's events are the subscriber's. It begins closed: deliveries wait, within the bounds
 * of the field, until what comes before them has been delivered.
 */
export class Membership {
  /** Events behind this one are not the subscriber's any more. */
  until = Infinity;
  #isClosed = true;
  #isDrained = false;
  #early: StreamBuffer | undefined;
  #onOver: (() => void) | undefined;

  /** @param since events up to this one were before the subscriber's time */
  constructor(
    readonly member: Member,
    private readonly bounds: EventBuffer,
    readonly since: number,
  ) {}

  deliver(delivery: Delivery): void {
    if (!this.#isClosed) return this.member.deliver(delivery);
    this.#early ??= createStreamBuffer(this.bounds, (lost, why) => this.member.lose(lost, why));
    if (!this.#early.push(delivery)) this.member.overflow();
  }

  /** What comes before has been delivered. */
  open(): void {
    this.#isClosed = false;
    const early = this.#early;
    this.#early = undefined;
    for (let delivery = early?.shift(); delivery; delivery = early?.shift()) this.member.deliver(delivery);
    this.#tellWhenOver();
  }

  /** The group has given everything up to `until`. */
  drain(): void {
    this.#isDrained = true;
    this.#tellWhenOver();
  }

  /** @param run called once, when everything up to `until` has been delivered */
  onOver(run: () => void): void {
    this.#onOver = run;
    this.#tellWhenOver();
  }

  #tellWhenOver(): void {
    if (this.#isClosed || !this.#isDrained) return;
    const tell = this.#onOver;
    this.#onOver = undefined;
    tell?.();
  }
}
