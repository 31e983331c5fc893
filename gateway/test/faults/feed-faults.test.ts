import { allOnce } from "../../../e2e/harness/check-delivery";
import { onBothBrokers, SEEDS } from "./both-brokers";
import { runFeedFaults } from "./feed-faults";

jest.setTimeout(120_000);

test.each(SEEDS)(
  "between broker and feed every event is delivered once, whatever happens to the network (FAULT_SEED=%i)",
  async (seed) => {
    const runs = await onBothBrokers((url) => runFeedFaults({ url, seed, faults: 6 }));
    for (const { broker, published, deliveries, gaps } of runs) {
      const right = { broker, gaps: 0, deliveries: deliveries.map(() => allOnce(published)) };
      expect({ broker, gaps, deliveries }).toEqual(right);
    }
  },
);
