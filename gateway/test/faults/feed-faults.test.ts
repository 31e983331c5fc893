import { allOnce } from "../../../e2e/harness/check-delivery";
import { onBothBrokers, SEEDS } from "./both-brokers";
import { runFeedFaults } from "./feed-faults";

jest.setTimeout(60_000);

test.each(SEEDS)(
  "between broker and feed every event is delivered once, whatever happens to the network (FAULT_SEED=%i)",
  async (seed) => {
    const runs = await onBothBrokers((url) => runFeedFaults({ url, seed, faults: 6 }));
    for (const { broker, published, deliveries, gaps } of runs) {
      const [feed, visitor] = deliveries;
      const once = expect.any(Number) as number;
      expect({ broker, feed, visitor, gaps }).toEqual({
        broker,
        feed: allOnce(published),
        visitor: { ...allOnce(published), once },
        gaps: 0,
      });
      expect(visitor!.once).toBeGreaterThan(published.length / 2);
    }
  },
);
