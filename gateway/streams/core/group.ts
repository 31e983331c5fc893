import type { GraphQLError } from "graphql";
import { type Span, tracer } from "../../../kit/tracing/tracer";
import { compileConditions, type EventPredicate } from "../../../schema/event-condition";
import type { EventField } from "../event-field";
import type { Clock } from "./clock";
import type { Starter } from "./execution-turns";
import type { Executions } from "./executions";
import type { FanOutJob } from "./fan-out";
import { type Member, Membership } from "./membership";
import type { EntityKey, PreparedStream } from "./prepared-stream";
import { SharedMessage } from "./shared-message";
import type { Delivery } from "./stream-buffer";
import { entityOf, type StreamEvent } from "./stream-event";
import type { StreamMetrics } from "./stream-metrics";
import { watchedKey } from "./watched-key";

/** What groups share. */
export interface GroupTools {
  readonly executions: Executions;
  readonly metrics: StreamMetrics;
  readonly clock: Clock;
  fanOut(job: FanOutJob): void;
}

/** One change on its way through a group. Changes leave in the order of their numbers. */
interface Entry {
  readonly seq: number;
  readonly entity: EntityKey | undefined;
  /** When its event happened; NaN for what is no event. */
  readonly timeMs: number;
  readonly cause:
    | { readonly event: StreamEvent; readonly key: EntityKey }
    /** Events may be missing: the state of now, as of this cursor. */
    | { readonly event: undefined; readonly cursor: string | undefined };
  owes: Owed;
  message: SharedMessage | undefined;
  isSettled: boolean;
}

/** What subscribers have to be told with the next message, whichever it is. */
interface Owed {
  readonly recovered?: false | undefined;
  readonly dropped: number;
}

const NOTHING: Owed = { dropped: 0 };
const both = (a: Owed, b: Owed): Owed => ({ recovered: a.recovered ?? b.recovered, dropped: a.dropped + b.dropped });

/** Executions of one group at the same time; their results leave in the order of the log. */
const PARALLEL = 16;
/** Messages that may wait for their deliveries; more changes are not executed meanwhile. */
const OUTBOX = 16;

/**
 * Subscribers who get the same messages: the same execution, the same filters. Each change is executed and written once, however many
 * they are.
 */
export class Group implements FanOutJob, Starter {
  readonly field: EventField;
  readonly args: PreparedStream["args"];
  readonly claims: PreparedStream["claims"];
  /** The one entity that this group is about, where it is about one. */
  readonly watched: EntityKey | undefined;
  readonly #isAllowed: EventPredicate;
  readonly #isWanted: EventPredicate;
  readonly #members = new Set<Membership>();
  /** Those of the members who have gone to another group, and still get what came before. */
  readonly #leaving = new Set<Membership>();
  /** Not executed yet: by entity where a newer change takes the place of an older one. */
  readonly #waiting = new Map<EntityKey | symbol, Entry>();
  readonly #started: Entry[] = [];
  #running = 0;
  /** Waits for its turn to execute. */
  #isQueued = false;
  readonly #outbox: { readonly entry: Entry; readonly delivery: Delivery; readonly span: Span | undefined }[] = [];
  #isFanningOut = false;
  #receivers: Iterator<Membership> | undefined;
  #owed = NOTHING;
  #stopWindow: (() => void) | undefined;
  #lastSeq = 0;
  #now: { readonly seq: number; readonly message: Promise<SharedMessage | undefined> } | undefined;
  #refusal: Promise<readonly GraphQLError[] | undefined> | undefined;

  /**
   * @param id unlike that of any other group of this process
   * @param onIdle called when nobody waits for further events
   */
  constructor(
    readonly id: string,
    readonly prepared: PreparedStream,
    private readonly tools: GroupTools,
    private readonly onIdle: () => void,
  ) {
    const { field, args, claims } = prepared;
    this.field = field;
    this.args = args;
    this.claims = claims;
    this.watched = watchedKey(prepared);
    this.#isAllowed = compileConditions(field.authorize, prepared);
    this.#isWanted = compileConditions(field.where, prepared);
  }

  /** @param since events up to this one are not for the member */
  join(member: Member, since: number): Membership {
    const membership = new Membership(member, this.field.buffer, since);
    this.#members.add(membership);
    return membership;
  }

  leave(membership: Membership): void {
    if (!this.#members.delete(membership)) return;
    const hadGone = this.#leaving.delete(membership);
    if (!hadGone) this.#tellWhenIdle();
    if (this.#members.size > 0) return;
    this.#stopWindow?.();
    this.#stopWindow = undefined;
    this.#waiting.clear();
  }

  /** The member gets what was taken so far and nothing more; `membership` tells when. */
  leaveBehind(membership: Membership, until: number): void {
    membership.until = until;
    this.#leaving.add(membership);
    this.#tellWhenIdle();
    // What waits is started, so that no later change takes the place of one that is this member's.
    this.#openWindow();
    this.#drainLeaving();
  }

  /** Whether the event is one that the group waits for, for events that did not come through the index. */
  wants({ type, data }: StreamEvent["event"]): boolean {
    return this.field.types.includes(type) && this.#isWanted(data);
  }

  /** Whether the subscribers may be told of an event. */
  allows({ data }: StreamEvent["event"]): boolean {
    return this.#isAllowed(data);
  }

  /** An event that the group waits for and may be told of. */
  take(event: StreamEvent, key: EntityKey, seq: number): void {
    this.#enqueue({
      seq,
      entity: entityOf(this.field, event.event, key),
      timeMs: event.timeMs,
      cause: { event, key },
      owes: NOTHING,
      message: undefined,
      isSettled: false,
    });
  }

  /** Events may be missing before this place. */
  takeGap(seq: number, cursor: string | undefined): void {
    this.#enqueue({
      seq,
      entity: undefined,
      timeMs: NaN,
      cause: { event: undefined, cursor },
      owes: { recovered: false, dropped: 0 },
      message: undefined,
      isSettled: false,
    });
  }

  /** The watched entity as it is now, executed once for all who ask before the next event. */
  async stateOfNow(cursor: string | undefined): Promise<SharedMessage | undefined> {
    if (this.watched === undefined) return undefined;
    // An answer that was asked for before an event may be older than the event.
    if (this.#now?.seq === this.#lastSeq) return this.#now.message;
    const now = { seq: this.#lastSeq, message: this.tools.executions.ofNow(this.prepared, this.watched, cursor) };
    this.#now = now;
    const message = await now.message;
    if (this.#now === now) this.#now = undefined;
    return message;
  }

  /** What is told where messages are missing: the watched entity's state, else that there is nothing to tell. */
  async stateOrNothing(cursor: string | undefined): Promise<SharedMessage> {
    return (await this.stateOfNow(cursor)) ?? new SharedMessage(`{"data":null}`, cursor);
  }

  /** Why these viewers may not watch the entity; `undefined` when they may. */
  async refuse(): Promise<readonly GraphQLError[] | undefined> {
    if (this.watched === undefined) return undefined;
    this.#refusal ??= this.prepared.refuse(this.watched).finally(() => (this.#refusal = undefined));
    return this.#refusal;
  }

  deliverSome(limit: number): boolean {
    let left = limit;
    for (let next = this.#outbox[0]; next; next = this.#outbox[0]) {
      const { entry, delivery, span } = next;
      this.#receivers ??= this.#members.values();
      for (;;) {
        if (left-- === 0) return false;
        const { value: membership, done } = this.#receivers.next();
        if (done) break;
        if (membership.since < entry.seq && entry.seq <= membership.until) membership.deliver(delivery);
      }
      this.#receivers = undefined;
      this.#outbox.shift();
      this.tools.metrics.lag("written", entry.timeMs);
      span?.end({ "tributary.subscribers": this.#members.size });
      this.#drainLeaving();
      this.#start();
    }
    this.#isFanningOut = false;
    return true;
  }

  #enqueue(entry: Entry): void {
    const { policy, maxMessages, coalesceMs } = this.field.buffer;
    this.#lastSeq = entry.seq;
    const slot = (policy === "LATEST" || coalesceMs > 0 ? entry.entity : undefined) ?? Symbol();
    const replaced = this.#waiting.get(slot);
    if (replaced) {
      // At the end, where the newer change belongs in the order of the log.
      this.#waiting.delete(slot);
      entry.owes = both(replaced.owes, entry.owes);
      this.tools.metrics.lost("replaced", policy);
    }
    this.#waiting.set(slot, entry);
    if (coalesceMs === 0) this.#start();
    else this.#stopWindow ??= this.tools.clock.after(coalesceMs, () => this.#openWindow());
    // What could begin at once, were it not for other groups, is not too much.
    if (this.#waiting.size - this.#room > maxMessages) this.#overflow();
  }

  /** Changes come faster than they can be executed and delivered. */
  #overflow(): void {
    const { policy } = this.field.buffer;
    if (policy === "CLOSE") {
      for (const { member } of [...this.#members]) member.overflow();
      return;
    }
    const [oldest, next] = this.#waiting;
    if (!oldest || !next) return;
    this.#waiting.delete(oldest[0]);
    next[1].owes = both({ dropped: 1 }, both(oldest[1].owes, next[1].owes));
    this.tools.metrics.lost("dropped", policy);
  }

  #openWindow(): void {
    this.#stopWindow?.();
    this.#stopWindow = undefined;
    this.#start();
  }

  /** How many executions may begin now. */
  get #room(): number {
    if (this.#stopWindow) return 0;
    return Math.min(PARALLEL - this.#running, PARALLEL + OUTBOX - this.#started.length - this.#outbox.length);
  }

  #start(): void {
    if (this.#isQueued || this.#waiting.size === 0 || this.#room <= 0) return;
    this.#isQueued = true;
    this.tools.executions.take(this);
  }

  startOne(): boolean {
    const [first] = this.#room > 0 ? this.#waiting : [];
    if (first) {
      const [slot, entry] = first;
      this.#waiting.delete(slot);
      this.#started.push(entry);
      this.#running++;
      void this.#execute(entry).then((message) => {
        this.#running--;
        entry.message = message;
        entry.isSettled = true;
        this.#release();
        this.#start();
      });
    }
    return (this.#isQueued = this.#waiting.size > 0 && this.#room > 0);
  }

  #execute({ cause }: Entry): Promise<SharedMessage | undefined> {
    if (!cause.event) return this.stateOrNothing(cause.cursor);
    return this.tools.executions.begin(this.prepared, cause.event, cause.key);
  }

  /** Results leave in the order of the log, whichever was ready first. */
  #release(): void {
    for (let entry = this.#started[0]; entry?.isSettled; entry = this.#started[0]) {
      this.#started.shift();
      const { message, entity } = entry;
      this.#owed = both(this.#owed, entry.owes);
      if (!message) continue;
      const { traceparent } = message;
      const span =
        traceparent === undefined ? undefined : tracer()?.start("producer", `deliver ${this.field.name}`, traceparent);
      this.#outbox.push({ entry, delivery: { message, entity, ...this.#owed }, span });
      this.#owed = NOTHING;
    }
    if (this.#outbox.length === 0) this.#drainLeaving();
    else if (!this.#isFanningOut) {
      this.#isFanningOut = true;
      this.tools.fanOut(this);
    }
  }

  #drainLeaving(): void {
    if (this.#leaving.size === 0) return;
    const [firstWaiting] = this.#waiting.values();
    const next = (this.#outbox[0]?.entry ?? this.#started[0] ?? firstWaiting)?.seq ?? Infinity;
    for (const membership of [...this.#leaving]) {
      if (membership.until >= next) continue;
      this.leave(membership);
      membership.drain();
    }
  }

  #tellWhenIdle(): void {
    if (this.#members.size === this.#leaving.size) this.onIdle();
  }
}
