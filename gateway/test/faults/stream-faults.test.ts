import { allOnce } from "../../../e2e/harness/check-delivery";
import { onBothBrokers, SEEDS } from "./both-brokers";
import { runStreamFaults } from "./stream-faults";

jest.setTimeout(180_000);

onBothBrokers((url) => {
  test.each(SEEDS)(
    "every subscriber on every transport gets every event once, whatever happens to any network and to the gateway (FAULT_SEED=%i)",
    async (seed) => {
      const { published, clients, faults } = await runStreamFaults({ url: url(), seed, faults: 8 });
      const right = { delivery: allOnce(published), told: 0, mixedUp: 0 };
      expect({ faults, clients }).toEqual({ faults, clients: clients.map((client) => ({ ...client, ...right })) });
    },
  );
});
