import { setTimeout as pause } from "node:timers/promises";
import { checkDelivery, type Delivery } from "../../../e2e/harness/check-delivery";
import { drawFault, inflict, tell } from "../../../e2e/harness/fault-schedule";
import { seededRandom } from "../../../e2e/harness/seeded-random";
import { createFeedBench, type TestFeed, thing } from "../../streams/feed/test/feed-bench";
import type { Position } from "../../streams/feed/event-log";
import { waitTurns } from "./wait-turns";

export interface FaultRun {
  readonly published: readonly string[];
  /** One for each who listened. */
  readonly deliveries: readonly Delivery[];
  /** What was done to the network, in order. */
  readonly faults: readonly string[];
  readonly gaps: number;
}

/** How long everything may take to arrive once the network is healthy. */
const SETTLE_MS = 20_000;

/** What has not arrived by then counts as lost. */
const settled = (hasAll: () => boolean) => waitTurns(hasAll, SETTLE_MS);

/**
 * Publishes while the network between broker and feed breaks: as the feed hears it, and as a listener hears it who goes away now and then
 * and comes back, to a feed that is opened anew, with the place where it was.
 * @param options.url of the broker
 */
export async function runFeedFaults(options: { url: string; seed: number; faults: number }): Promise<FaultRun> {
  const random = seededRandom(options.seed);
  const bench = await createFeedBench(options.url, options.seed);
  try {
    await bench.declare();
    const published: string[] = [];
    const faults: string[] = [];
    let isOver = false;
    let isPublished = false;
    const feed = await bench.openFeed({ limits: { ringEvents: 50 } });
    // The visitor comes for the first time before anything breaks, and has a place from then on.
    const early = await bench.openFeed();
    const first = thing();
    published.push(first.id);
    await bench.publish(first);
    if (!(await settled(() => early.heard.length === 1))) throw new Error("no event came before the first fault");
    const begin = early.heard[0]!.position!;
    await early.close();

    const publish = async () => {
      while (!isOver) {
        const batch = Array.from({ length: random.between(1, 40) }, () =>
          thing({ data: { filler: "x".repeat(random.between(0, 2_000)) } }),
        );
        published.push(...batch.map(({ id }) => id));
        // An outbox repeats what it cannot be sure of.
        await bench.publish(...batch, ...(random.next() < 0.2 ? [batch.at(-1)!] : []));
        await pause(random.between(1, 60));
      }
    };
    const breakNetwork = async () => {
      for (let i = 0; i < options.faults; i++) {
        const fault = drawFault(random);
        faults.push(tell(fault));
        await inflict(bench.proxy, fault);
      }
    };
    const comeAndGo = async () => {
      const ids = [begin.id];
      let place: Position = begin;
      for (;;) {
        const isLast = isPublished;
        const visitor: TestFeed = await bench.openFeed({ direct: random.next() < 0.5 });
        const { head } = visitor.feed;
        const replayed = visitor.heard.length;
        // One that could not learn where the log ends has nowhere to replay up to: it comes again.
        if (head) {
          ids.push(...(await visitor.replay(place, head)));
          const live = () => visitor.ids().slice(replayed);
          if (isLast) await settled(() => new Set([...ids, ...live()]).size >= published.length);
          else await pause(random.between(50, 800));
          ids.push(...live());
          place = visitor.heard.at(-1)?.position ?? head;
          if (isLast) return ids;
        }
        await visitor.close();
      }
    };

    const visits = comeAndGo();
    const publishing = publish();
    await breakNetwork();
    isOver = true;
    await publishing;
    isPublished = true;
    const visited = await visits;
    await settled(() => new Set(feed.ids()).size >= published.length);
    return {
      published,
      deliveries: [checkDelivery(published, feed.ids()), checkDelivery(published, visited)],
      faults,
      gaps: feed.gaps(),
    };
  } finally {
    await bench.close();
  }
}
