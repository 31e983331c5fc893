import { allOnce } from "../../../e2e/harness/check-delivery";
import { onBothBrokers, SEEDS } from "./both-brokers";
import { runFeedFaults } from "./feed-faults";

jest.setTimeout(120_000);

onBothBrokers((url) => {
  test.each(SEEDS)(
    "between broker and feed every event is delivered once, whatever happens to the network (FAULT_SEED=%i)",
    async (seed) => {
      const { published, deliveries, gaps } = await runFeedFaults({ url: url(), seed, faults: 6 });
      expect({ gaps, deliveries }).toEqual({ gaps: 0, deliveries: deliveries.map(() => allOnce(published)) });
    },
  );
});
