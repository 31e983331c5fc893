import type { GraphQLError } from "graphql";
import { Registry } from "prom-client";
import { createLogger } from "../../../../../kit/log";
import type { Viewer } from "../../../../../kit/viewer";
import type { Generation, Generations } from "../../../../generation";
import type { GoneSignal } from "../../../../upstream/upstream-context";
import type { EventBuffer, EventField } from "../../../event-field";
import type { CheckedOperation, Subscription, SubscriptionRequest } from "../../../stream";
import { createStreams } from "../../create-streams";
import { createCursorCodec } from "../../cursor";
import type { Change, EntityKey, PreparedStream, PrepareStream } from "../../prepared-stream";
import type { StreamSettings } from "../../stream-settings";
import { typedError } from "../../typed-error";
import { createFakeClock } from "./fake-clock";
import { createFakeLog } from "./fake-log";
import { RecordingSink } from "./recording-sink";

export const CHANGED = "shop.thing.changed.v1";
export const EACH: EventBuffer = { policy: "CLOSE", maxMessages: 1_000, maxBytes: 1_000_000, coalesceMs: 0 };

/** `things(of: $of)`: each change of things of one owner. */
export const thingsField = (more: Partial<EventField> = {}): EventField => ({
  name: "things",
  types: [CHANGED],
  key: ["id"],
  entities: new Map(),
  where: [{ path: ["of"], operator: "==", operand: { source: "args", name: "of" } }],
  authorize: [],
  delivery: { kind: "ENTITY" },
  buffer: EACH,
  replay: { maxAgeMs: 3_600_000, maxEvents: 1_000 },
  ...more,
});

/** `thing(id: $id)`: one thing, as it is now and then each change. */
export const thingField = (more: Partial<EventField> = {}): EventField =>
  thingsField({
    name: "thing",
    where: [{ path: ["id"], operator: "==", operand: { source: "args", name: "id" } }],
    ...more,
  });

export interface Wish {
  readonly field?: EventField;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly viewer?: Viewer;
  readonly client?: string;
  readonly cursor?: string | undefined;
  readonly expiresAtMs?: number;
  readonly gone?: GoneSignal;
}

export interface Opened {
  readonly sink: RecordingSink;
  readonly subscription: Subscription;
}

export const asUser = (subject: string, sessionId = `session of ${subject}`): Viewer => ({
  kind: "user",
  subject,
  roles: [],
  scopes: [],
  sessionId,
});

const SETTINGS: StreamSettings = { maxSubscriptions: 20_000, maxSubscriptionsPerClient: 20_000 };
export const SECRETS = ["a secret that is long enough for tests"];

/** The core with everything around it replaced: log, executions, sinks, graphs and time. */
export function createCore(settings: Partial<StreamSettings> = {}) {
  const clock = createFakeClock();
  const events = createFakeLog(clock.now);
  const log = createLogger("test", "silent");
  const metrics = new Registry();
  const cursors = createCursorCodec({ secrets: SECRETS, log });
  const wishes = new WeakMap<CheckedOperation, Wish>();
  const graphs = createFakeGraphs();
  /** Every execution, in the order of their beginnings. */
  const executions: { readonly executionKey: string; readonly change: Change }[] = [];
  const world = {
    /** Awaited by each execution. */
    gate: (_change: Change): Promise<void> | void => undefined,
    canSee: (_viewer: Viewer, _key: EntityKey): boolean => true,
    /** What the graph of a generation makes of a field; a sentence where it refuses it. */
    fieldIn: (_graph: number, field: EventField): EventField | string => field,
    isViewerIndependent: false,
    /** Awaited by each planning. */
    planning: (_graph: number, _viewer: Viewer): Promise<void> | void => undefined,
    refusals: 0,
    rechecks: 0,
  };

  const prepare: PrepareStream = async ({ checked, context }): Promise<PreparedStream> => {
    await Promise.resolve();
    const wish = wishes.get(checked) ?? {};
    const graph = graphs.numberOf(checked.generation);
    await world.planning(graph, context.viewer);
    const field = world.fieldIn(graph, wish.field ?? thingsField());
    if (typeof field === "string") throw new Error("it was checked before");
    const { viewer } = context;
    const who = world.isViewerIndependent ? "anyone" : JSON.stringify(viewer ?? null);
    const executionKey = `${graph} ${field.name} ${who}`;
    return {
      field,
      args: wish.args ?? {},
      claims: viewer ? { sub: viewer.subject } : {},
      executionKey,
      resolve: async (change) => {
        executions.push({ executionKey, change });
        await world.gate(change);
        if (!world.canSee(viewer, change.key)) return undefined;
        return JSON.stringify({ data: { key: change.key, event: change.event?.id ?? null, graph } });
      },
      refuse: (key) => {
        world.refusals++;
        const errors = world.canSee(viewer, key) ? undefined : [typedError("FORBIDDEN", "You may not watch this.")];
        return Promise.resolve(errors);
      },
    };
  };

  const streams = createStreams({
    events,
    prepare,
    generations: graphs.generations,
    cursors,
    settings: { ...SETTINGS, ...settings },
    log,
    metrics,
    clock,
  });

  const check = (wish: Wish, generation: Generation): CheckedOperation | readonly GraphQLError[] => {
    world.rechecks++;
    const field = world.fieldIn(graphs.numberOf(generation), wish.field ?? thingsField());
    if (typeof field === "string") return [typedError("GRAPHQL_VALIDATION_FAILED", field)];
    const checked = { generation, document: {}, operation: {}, variables: {} } as unknown as CheckedOperation;
    wishes.set(checked, wish);
    return checked;
  };

  /** Opens a subscription without waiting for what it begins with. */
  const tryOpen = async (wish: Wish, sink = new RecordingSink()): Promise<Opened | readonly GraphQLError[]> => {
    const checked = check(wish, graphs.generations.current());
    if (Array.isArray(checked)) throw new Error("a test asks for what its graph does not have");
    const request: SubscriptionRequest = {
      checked: checked as CheckedOperation,
      recheck: (generation) => check(wish, generation),
      context: { requestId: "r", traceparent: "t", viewer: wish.viewer },
      client: wish.client ?? "someone",
      cursor: wish.cursor,
      gone: wish.gone,
      expiresAtMs: wish.expiresAtMs,
    };
    const opened = await streams.open(request, sink);
    return "leave" in opened ? { sink, subscription: opened } : opened;
  };
  const open = async (wish: Wish, sink?: RecordingSink): Promise<Opened> => {
    const opened = await tryOpen(wish, sink);
    if (!("sink" in opened)) throw new AggregateError(opened, String(opened[0]?.message));
    return opened;
  };
  /** The same, when it has begun. */
  const begun = async (wish: Wish, sink?: RecordingSink): Promise<Opened> => {
    const opened = await open(wish, sink);
    await clock.settle();
    return opened;
  };
  const refused = async (wish: Wish): Promise<unknown> => {
    const opened = await tryOpen(wish);
    if ("sink" in opened) throw new Error("it was opened");
    return opened[0]?.extensions["code"];
  };
  /** One thing of one owner changes. @returns the event's id */
  const change = (of: string, id: string | number = of, more: object = {}): string =>
    events.publish(CHANGED, { of, id, ...more }).event.id;
  const metric = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> => {
    const { values } = (await metrics.getSingleMetric(name)?.get()) ?? { values: [] };
    const wanted = Object.entries(labels);
    return values
      .filter((value) => wanted.every(([label, text]) => (value.labels as Record<string, unknown>)[label] === text))
      .reduce((sum, { value }) => sum + value, 0);
  };

  return { streams, clock, events, graphs, world, executions, open, begun, tryOpen, refused, change, metric };
}

/** Generations that are numbers. */
function createFakeGraphs() {
  const numbers = new Map<Generation, number>();
  const listeners = new Set<(next: Generation, previous: Generation) => void>();
  const make = () => {
    const generation = {} as Generation;
    numbers.set(generation, numbers.size);
    return generation;
  };
  let current = make();
  let inside = 0;
  const generations: Generations = {
    current: () => current,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    enter: () => {
      inside++;
      return () => void inside--;
    },
  };
  return {
    generations,
    numberOf: (generation: Generation) => numbers.get(generation) ?? NaN,
    get inUse() {
      return inside;
    },
    reload: () => {
      const previous = current;
      current = make();
      listeners.forEach((listener) => listener(current, previous));
    },
  };
}
