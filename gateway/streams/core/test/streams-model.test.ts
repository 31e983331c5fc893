import { createLogger } from "../../../../kit/log";
import type { EventBuffer } from "../../event-field";
import type { StreamMessage } from "../../stream";
import { createCursorCodec } from "../cursor";
import { CHANGED, createCore, type Opened, SECRETS, thingsField } from "./fakes/core-harness";
import { type Received, RecordingSink } from "./fakes/recording-sink";
import { seeded } from "./fakes/seeded";

/**
 * Random lives of clients against what each of them must have been told: joins, leaves, readers that stop and go on, executions that take
 * their time, reloads, lost logs, retention, and coming back with a cursor.
 */

const OWNERS = ["a", "b", "c"];
const KEYS = [1, 2, 3, 4];
const STEPS = 200;
const BUFFERS: Record<EventBuffer["policy"], EventBuffer> = {
  CLOSE: { policy: "CLOSE", maxMessages: 30, maxBytes: 1_000_000, coalesceMs: 0 },
  DROP_OLDEST: { policy: "DROP_OLDEST", maxMessages: 3, maxBytes: 1_000_000, coalesceMs: 0 },
  LATEST: { policy: "LATEST", maxMessages: 2, maxBytes: 1_000_000, coalesceMs: 20 },
};

/** Every event, in the order of the log. */
interface Published {
  readonly id: string;
  readonly of: string;
  readonly key: number;
}

/** One client over all its connections. */
interface Client {
  readonly of: string;
  readonly policy: EventBuffer["policy"];
  /** How many events there were when it came; what was published since is its. */
  since: number;
  opened: Opened | undefined;
  cursor: string | undefined;
  /** The place of its newest cursor: of which log, and where in it. */
  place: readonly [log: number, offset: number];
  /** Ids of events in the order of their coming. */
  events: string[];
  dropped: number;
  /** Of so many events that were published first some may be missing: it was told so. */
  forgiven: number;
}

const codec = createCursorCodec({ secrets: SECRETS, log: createLogger("test", "silent") });

/** Tells of each message when it has it. */
class NotingSink extends RecordingSink {
  onMessage: (message: Received, cursor: string | undefined) => void = () => undefined;

  override write(message: StreamMessage): boolean {
    const takesMore = super.write(message);
    if (this.last) this.onMessage(this.last, message.cursor);
    return takesMore;
  }
}

async function live(seed: number) {
  const { next, pick } = seeded(seed);
  const core = createCore();
  const published: Published[] = [];
  const clients: Client[] = [];
  const gates: (() => void)[] = [];
  /** In which log each event is. */
  const logOf = new Map<string, number>();
  let log = 0;
  let slowness = 0;
  core.world.gate = () => (next() < slowness ? new Promise<void>((resolve) => gates.push(resolve)) : undefined);

  const note = (client: Client, { data, extensions }: Received, cursor: string | undefined) => {
    if (extensions?.recovered === false) client.forgiven = published.length;
    else expect(data).not.toBeNull();
    client.dropped += extensions?.dropped ?? 0;
    if (data?.event) client.events.push(data.event);
    if (cursor === undefined) return;
    const position = codec.decode(cursor);
    const place = [logOf.get(position?.id ?? "") ?? NaN, position?.offset ?? NaN] as const;
    const [before, was] = client.place;
    expect(place[0] > before || (place[0] === before && place[1] >= was)).toBe(true);
    client.place = place;
    client.cursor = cursor;
  };
  const connect = async (client: Client) => {
    const sink = new NotingSink();
    sink.onMessage = (message, cursor) => note(client, message, cursor);
    // Without a cursor it cannot say what it has: what comes from now on counts.
    if (client.cursor === undefined) Object.assign(client, { since: published.length, events: [], dropped: 0 });
    const { of, policy, cursor } = client;
    const field = thingsField({ name: policy, buffer: BUFFERS[policy] });
    const opening = core.open({ field, args: { of }, cursor }, sink);
    // A cursor that is ahead of the log is waited for.
    await core.clock.pass(cursor === undefined ? 0 : 1_100);
    client.opened = await opening;
  };
  const isConnected = ({ opened }: Client) => opened !== undefined && !opened.sink.ending;
  const anyone = (isIt: (client: Client) => boolean) => pick([...clients.filter(isIt), undefined]);
  const goOn = ({ opened }: Client) => {
    if (!opened) return;
    opened.sink.room = Infinity;
    if (!opened.sink.ending) opened.subscription.drained();
  };
  const publish = (of: string, key: number) => {
    const id = core.change(of, key);
    logOf.set(id, log);
    published.push({ id, of, key });
  };

  const steps: Readonly<Record<string, () => unknown>> = {
    publish: () => publish(pick(OWNERS), pick(KEYS)),
    noise: () => logOf.set(core.events.publish(pick([CHANGED, "x"]), pick([null, 7, { of: "a" }])).event.id, log),
    join: () => {
      if (clients.length === 12) return undefined;
      const policy = pick(["CLOSE", "DROP_OLDEST", "LATEST"] as const);
      const nothing = { opened: undefined, cursor: undefined, place: [0, -1] as const, events: [], dropped: 0 };
      const client: Client = { of: pick(OWNERS), policy, since: 0, forgiven: 0, ...nothing };
      clients.push(client);
      return connect(client);
    },
    leave: () => {
      const client = anyone(isConnected);
      client?.opened?.subscription.leave();
      if (client) client.opened = undefined;
    },
    comeBack: () => {
      const client = anyone((each) => !isConnected(each));
      return client && connect(client);
    },
    stop: () => {
      const sink = anyone(isConnected)?.opened?.sink;
      if (sink) sink.room = 1;
    },
    goOn: () => {
      const client = anyone(isConnected);
      if (client) goOn(client);
    },
    slower: () => (slowness = pick([0, 0.3, 0.8])),
    release: () => gates.splice(Math.floor(next() * gates.length), 1).forEach((open) => open()),
    reload: () => core.graphs.reload(),
    loseLog: () => {
      if (next() > 0.2) return;
      log++;
      core.events.loseEverything();
    },
    retain: () => next() < 0.2 && core.events.retain(5),
    hold: () => core.events.holdReplays(next() < 0.5),
    settle: () => core.clock.settle(),
    pass: () => core.clock.pass(10),
  };
  const names = [
    ...Object.keys(steps),
    ...Array<string>(10).fill("publish"),
    "settle",
    "settle",
    "release",
    "comeBack",
  ];
  for (let i = 0; i < STEPS; i++) await steps[pick(names)]?.();

  slowness = 0;
  core.events.holdReplays(false);
  const rest = async () => {
    for (let i = 0; i < 5; i++) {
      gates.splice(0).forEach((open) => open());
      await core.clock.pass(1_000);
      for (const client of clients) {
        if (isConnected(client)) goOn(client);
        else await connect(client);
      }
    }
  };
  await rest();
  // The last word about everything, one by one: with it everyone is told of what was lost before.
  for (const of of OWNERS) {
    for (const key of KEYS) {
      publish(of, key);
      await core.clock.pass(100);
    }
  }
  await rest();
  return { core, clients, published };
}

test.each(Array.from({ length: 100 }, (_, i) => i + 1))(
  "every event reaches everyone it is for once and in order, or they are told (seed %d)",
  async (seed) => {
    const { core, clients, published } = await live(seed);
    const at = new Map(published.map(({ id }, i) => [id, i]));
    for (const { of, policy, since, events, dropped, forgiven } of clients) {
      const places = events.map((id) => at.get(id) ?? NaN);
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      expect(places.every((place) => place >= since && published[place]?.of === of)).toBe(true);
      const got = new Set(events);
      const missing = published.filter((event, i) => i >= since && event.of === of && !got.has(event.id));
      const unexcused = missing.filter(({ id, key }) => {
        const place = at.get(id) ?? NaN;
        const isReplaced = policy === "LATEST" && places.some((p) => p > place && published[p]?.key === key);
        return place >= forgiven && !isReplaced;
      });
      expect(unexcused.length).toBeLessThanOrEqual(policy === "CLOSE" ? 0 : dropped);
      expect(events.at(-1)).toBe(published.filter((event) => event.of === of).at(-1)?.id);
    }
    clients.forEach(({ opened }) => opened?.subscription.leave());
    await core.clock.settle();
    expect(await core.metric("gateway_subscriptions")).toBe(0);
    expect(await core.metric("gateway_subscription_groups")).toBe(0);
    expect(core.graphs.inUse).toBe(0);
  },
);
