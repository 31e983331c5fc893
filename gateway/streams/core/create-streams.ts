import { ClientError, UNEXPECTED_ERROR_MESSAGE } from "../../../kit/errors";
import type { Logger } from "../../../kit/log";
import type { Registry } from "../../../kit/metrics";
import type { Generations } from "../../generation";
import type { EventLog, LoggedEvent, Position } from "../feed/event-log";
import type { Sink, Streams, SubscriptionRequest } from "../stream";
import { type Clock, systemClock } from "./clock";
import type { CursorCodec } from "./cursor";
import { createEventIndex } from "./event-index";
import { createExecutionTurns } from "./execution-turns";
import { createExecutions } from "./executions";
import { createExpiries } from "./expiries";
import { createFanOut } from "./fan-out";
import type { Group } from "./group";
import { createGate } from "./gate";
import { createGroups } from "./groups";
import type { PreparedStream, PrepareStream } from "./prepared-stream";
import { createReplans } from "./replans";
import { createReplayLimiter } from "./replay-limiter";
import { createReplays, type MissedRange } from "./replays";
import { createRevocations } from "./revocations";
import { RunningSubscription, type SubscriptionHome } from "./running-subscription";
import { spread } from "./spread";
import { createStaleEvents } from "./stale-events";
import { keyOf, StreamEvent } from "./stream-event";
import { createStreamMetrics } from "./stream-metrics";
import { DEFAULT_DRAIN_MS, DEFAULT_MAX_EXECUTIONS, type StreamSettings } from "./stream-settings";
import { traceEvent } from "./trace-event";
import { createSubscriptionLimits } from "./subscription-limits";
import { fromClientError, typedError } from "./typed-error";

/** Some tenths of a millisecond each. */
const BEGINNINGS_IN_TURN = 2;

/**
 * The core of live data: joins the log of events, the groups that share executions, and the ways to the subscribers.
 * @param options.events this is its one listener from now on
 */
export function createStreams(options: {
  events: EventLog;
  prepare: PrepareStream;
  generations: Pick<Generations, "current" | "enter" | "onChange">;
  cursors: CursorCodec;
  settings: StreamSettings;
  log: Logger;
  metrics: Registry;
  clock?: Clock;
}): Streams {
  const { events, prepare, generations, cursors, settings, log, clock = systemClock } = options;
  const limits = createSubscriptionLimits(settings);
  const running = new Set<RunningSubscription>();
  const revocations = createRevocations<RunningSubscription>();
  const stale = createStaleEvents();
  const index = createEventIndex<Group>();
  const metrics = createStreamMetrics({
    registry: options.metrics,
    now: clock.now,
    subscriptions: () => running.size,
    groups: () => index.size,
  });
  const { maxExecutions = DEFAULT_MAX_EXECUTIONS, drainMs = DEFAULT_DRAIN_MS } = settings;
  const executions = createExecutions({ turns: createExecutionTurns(clock, maxExecutions), log, metrics });
  const limiter = createReplayLimiter(clock, settings.replayRates);
  const enterTurn = createGate(clock, BEGINNINGS_IN_TURN);
  const replays = createReplays({ events, stale, executions, cursors, limiter, enterTurn, metrics, clock, log });
  const groups = createGroups({ index, tools: { executions, metrics, clock, fanOut: createFanOut(clock) } });
  const expiries = createExpiries<RunningSubscription>(clock, ({ subscriber }) =>
    subscriber.fail(
      "SUBSCRIPTION_TOKEN_EXPIRED",
      "The token has expired; subscribe anew with another.",
      "token-expired",
    ),
  );
  const replans = createReplans({ generations, prepare, running: () => running, clock, log });
  const stopReplans = generations.onChange(() => replans.run());
  /** The number of the newest change that was taken. */
  let seq = 0;
  let isClosing = false;

  const cursorOf = (position: Position | undefined) => position && cursors.encode(position);

  events.listen({
    onEvent: (logged) => {
      revoke(logged);
      if (stale.take(logged.event)) return metrics.setAside("stale");
      take(logged);
    },
    onGap: () => {
      seq++;
      const cursor = cursorOf(events.head);
      for (const group of groups.all()) group.takeGap(seq, cursor);
    },
  });

  function revoke({ event }: LoggedEvent): void {
    for (const { subscriber } of revocations.take(event)) {
      subscriber.fail("SUBSCRIPTION_SESSION_REVOKED", "The session has ended; sign in again.", "session-revoked");
    }
  }

  function take(logged: LoggedEvent): void {
    seq++;
    const matched = index.match(logged.event);
    metrics.event(matched.length);
    if (matched.length === 0) return;
    const event = new StreamEvent(logged, cursors.encode);
    metrics.lag("feed", event.timeMs);
    const span = traceEvent(event, clock.now());
    let isUsable = true;
    for (const group of matched) {
      const key = keyOf(group.field, event.event);
      if (key === undefined) isUsable = false;
      else if (group.allows(event.event)) group.take(event, key, seq);
    }
    if (!isUsable) metrics.setAside("unusable");
    span?.end({ "tributary.groups": matched.length });
  }

  const asTyped = (error: unknown, { requestId }: SubscriptionRequest["context"]) => {
    if (error instanceof ClientError) return fromClientError(error);
    log.error({ err: error, requestId }, "a subscription could not be opened");
    return typedError("INTERNAL_SERVER_ERROR", UNEXPECTED_ERROR_MESSAGE, { requestId });
  };

  const home: SubscriptionHome = {
    metrics,
    get seq() {
      return seq;
    },
    groupOf: groups.of,
    renew: expiries.set,
    onOver: (run, reason) => {
      running.delete(run);
      expiries.set(run, undefined);
      metrics.ended(reason);
    },
  };

  /** Puts a subscriber into its group. What comes for it waits until its membership is opened. */
  const register = (
    request: SubscriptionRequest,
    prepared: PreparedStream,
    sink: Sink,
    leave: () => void,
  ): RunningSubscription => {
    const run = new RunningSubscription(home, request, prepared, sink, request.cursor ?? cursorOf(events.head));
    running.add(run);
    run.leavers.push(revocations.watch(run, request.context.viewer), leave);
    expiries.set(run, request.expiresAtMs);
    if (run.generation !== generations.current()) replans.run();
    return run;
  };

  /** What the subscription begins with: what was missed, or the watched entity as it is now. */
  const begin = async (
    { subscriber, group, membership }: RunningSubscription,
    missed: Omit<MissedRange, "after"> & { readonly after: Position | undefined },
  ): Promise<void> => {
    subscriber.start();
    const cursor = cursorOf(missed.until);
    const { after } = missed;
    const whole = { entity: undefined, dropped: 0 };
    try {
      if (!after) {
        const message = await group.stateOfNow(cursor);
        if (message) subscriber.deliver({ ...whole, message, recovered: undefined });
      } else if (!(await replays.run(subscriber, group, { ...missed, after }))) {
        subscriber.deliver({ ...whole, message: await group.stateOrNothing(cursor), recovered: false });
      }
    } catch (err) {
      log.error({ err }, "a subscription could not be begun as it should");
      subscriber.owe(false, 0);
    }
    membership.open();
  };

  const open: Streams["open"] = async (request, sink) => {
    const { context, client, cursor } = request;
    if (isClosing) return [goingAway()];
    const after = cursor === undefined ? undefined : cursors.decode(cursor);
    if (cursor !== undefined && !after)
      return [typedError("SUBSCRIPTION_INVALID_CURSOR", "The cursor is none of this platform's.")];
    const place = limits.enter(client);
    if (typeof place === "string") return [limitExceeded(place)];

    const revoked = revocations.seq;
    let prepared: PreparedStream;
    try {
      prepared = await prepare(request);
      if (after) await replays.reach(after, request.gone);
    } catch (error) {
      place();
      return [asTyped(error, context)];
    }
    // Nobody hears of it: the place is what counts.
    if (request.gone?.aborted) {
      place();
      return [goingAway()];
    }
    if (isClosing || revocations.isRevoked(context.viewer, revoked)) {
      place();
      return [isClosing ? goingAway() : sessionRevoked()];
    }

    // From here on no event is missed: those up to the boundary are asked for again, those behind it come by themselves.
    const until = events.head;
    const run = register(request, prepared, sink, place);
    const { subscriber, group } = run;
    const refusal = await group.refuse().catch((error: unknown) => [asTyped(error, context)]);
    if (refusal) subscriber.end({ kind: "error", errors: refusal }, "refused");
    // What ends it before it begins is why it cannot run.
    if (run.refusal) return run.refusal === "going-away" ? [goingAway()] : run.refusal;

    void enterTurn().then(() => begin(run, { client, after, until }));
    return run;
  };

  return {
    open,
    close: async () => {
      isClosing = true;
      stopReplans();
      await spread(clock, [...running], drainMs, ({ subscriber }) =>
        subscriber.end({ kind: "going-away" }, "going-away"),
      );
      expiries.close();
    },
  };
}

const goingAway = () => typedError("SUBSCRIPTION_GOING_AWAY", "This process ends; subscribe again.");

const sessionRevoked = () => typedError("SUBSCRIPTION_SESSION_REVOKED", "The session has ended; sign in again.");

const limitExceeded = (whose: "gateway" | "client") =>
  typedError(
    "SUBSCRIPTION_LIMIT_EXCEEDED",
    whose === "client"
      ? "You have as many subscriptions as you may have at once."
      : "The gateway has as many subscriptions as it can have at once.",
  );
