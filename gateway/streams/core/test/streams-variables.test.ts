import type { GraphQLInputObjectType } from "graphql";
import { Registry } from "prom-client";
import { createLogger } from "../../../../kit/log";
import { createAccessControl } from "../../../access/enforcement/access-control";
import { DEFAULT_LIMITS } from "../../../access/limits/operation-limits";
import type { Generation, Generations } from "../../../generation";
import { createOperationCheck } from "../../../http/check-operation";
import { createDocumentChecker } from "../../../operation/check-document";
import { createStreamPreparer } from "../create-stream-preparer";
import { createStreams } from "../create-streams";
import { createCursorCodec } from "../cursor";
import { SECRETS } from "./fakes/core-harness";
import { createFakeClock } from "./fakes/fake-clock";
import { createFakeLog } from "./fakes/fake-log";
import { RecordingSink } from "./fakes/recording-sink";
import { asViewer, createShop, user } from "./shop";

const QUERY = 'subscription ($format: Format) { productChanged(id: "p1") { price(format: $format) } }';
const OTHER_FORMAT = "input Format { digits: Int = 3, style: Int }";

/** Real operations, checked and planned as a gateway does it, on a graph that can be replaced. */
function createLive(shop: ReturnType<typeof createShop>) {
  const clock = createFakeClock();
  const events = createFakeLog(clock.now);
  const log = createLogger("test", "silent");
  const metrics = new Registry();
  const { viewer } = asViewer(user("u1"));
  const check = createOperationCheck({
    checker: createDocumentChecker({ limits: DEFAULT_LIMITS, introspection: true, suggestions: false }),
    access: createAccessControl({ mode: "filter", policy: undefined }),
  });
  let current = shop.generation;
  let taken = 0;
  const listeners: Parameters<Generations["onChange"]>[0][] = [];
  const streams = createStreams({
    events,
    prepare: createStreamPreparer({ upstreams: shop.upstreams, log, metrics, eventsTaken: () => taken }),
    generations: {
      current: () => current,
      onChange: (listener) => {
        listeners.push(listener);
        return () => undefined;
      },
      enter: () => () => undefined,
    },
    cursors: createCursorCodec({ secrets: SECRETS, log }),
    settings: { maxSubscriptions: 10, maxSubscriptionsPerClient: 10 },
    log,
    metrics,
    clock,
  });

  return {
    open: async (variables: Readonly<Record<string, unknown>>): Promise<RecordingSink> => {
      const recheck = (generation: Generation) => check(generation, { query: QUERY, variables }, viewer);
      const checked = recheck(current);
      if (!("document" in checked)) throw new AggregateError(checked);
      const sink = new RecordingSink();
      await streams.open({ checked, recheck, context: asViewer(viewer), client: "someone" }, sink);
      await clock.settle();
      return sink;
    },
    reload: async (next: Generation) => {
      const previous = current;
      current = next;
      for (const listener of listeners) listener(next, previous);
      await clock.settle();
    },
    change: async () => {
      taken++;
      events.publish("product.changed.v1", { productId: "p1" });
      await clock.settle();
    },
    /** What the owner was told since the last look. */
    told: () =>
      shop.state.calls
        .splice(0)
        .map(({ body }) => (JSON.parse(body) as { variables: { format?: unknown } }).variables.format),
  };
}

test("variables are coerced when a subscription begins, and for none of its events", async () => {
  const shop = createShop();
  const format = shop.generation.supergraph.apiSchema.getType("Format") as GraphQLInputObjectType;
  const coercions = jest.spyOn(format, "getFields");
  const { open, change, told } = createLive(shop);
  const sink = await open({ format: { style: "s" } });
  const before = coercions.mock.calls.length;
  expect(before).toBeGreaterThan(0);
  told();
  await change();
  await change();
  expect(sink.received).toHaveLength(3);
  expect(told()).toEqual(Array(2).fill({ digits: 2, style: "s" }));
  expect(coercions).toHaveBeenCalledTimes(before);
});

test("another graph coerces them anew: its defaults count, and whoever gave what is no value there is told so and ended", async () => {
  const shop = createShop();
  const { open, reload, change, told } = createLive(shop);
  const gone = await open({ format: { style: "s" } });
  const stays = await open({ format: {} });
  await reload(createShop((sdl) => sdl.replace(/input Format {.*}/, OTHER_FORMAT)).generation);
  expect(gone.code).toBe("SUBSCRIPTION_GRAPH_CHANGED");
  expect(gone.ending).toMatchObject({
    errors: [{ message: expect.stringContaining('"$format" got invalid value') as string }],
  });
  told();
  await change();
  expect(stays.received).toHaveLength(2);
  expect(told()).toEqual([{ digits: 3 }]);
});
