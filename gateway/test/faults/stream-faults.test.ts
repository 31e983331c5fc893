import { allOnce } from "../../../e2e/harness/check-delivery";
import { onBothBrokers, SEEDS } from "./both-brokers";
import { runStreamFaults } from "./stream-faults";

jest.setTimeout(180_000);

test.each(SEEDS)(
  "every subscriber on every transport gets every event once, whatever happens to any network and to the gateway (FAULT_SEED=%i)",
  async (seed) => {
    const runs = await onBothBrokers((url) => runStreamFaults({ url, seed, faults: 8 }));
    for (const { broker, published, clients, faults } of runs) {
      const right = { delivery: allOnce(published), told: 0, mixedUp: 0 };
      const expected = clients.map((client) => ({ ...client, ...right }));
      expect({ broker, faults, clients }).toEqual({ broker, faults, clients: expected });
    }
  },
);
