import { Broker } from "../../../deploy/local/amqp/server/broker";
import { allOnce } from "../../../e2e/harness/check-delivery";
import { runStreamFaults } from "./stream-faults";

jest.setTimeout(90_000);

/** FAULT_SEED repeats a run; `npm run test:faults` makes many. */
const SEEDS = process.env["FAULT_SEED"] ? [Number(process.env["FAULT_SEED"])] : [1];

describe.each(["the embedded broker", "the broker of TEST_AMQP_URL"])("on %s", (which) => {
  let embedded: Broker | undefined;
  let url = process.env["TEST_AMQP_URL"] ?? "";
  beforeAll(async () => {
    if (which !== "the embedded broker") return;
    embedded = new Broker();
    url = `amqp://guest:guest@127.0.0.1:${await embedded.listen(0)}`;
  });
  afterAll(() => embedded?.close());

  test.each(SEEDS)(
    "every subscriber on every transport gets every event once, whatever happens to any network and to the gateway (FAULT_SEED=%i)",
    async (seed) => {
      const { published, clients, faults } = await runStreamFaults({ url, seed, faults: 8 });
      const right = { delivery: allOnce(published), told: 0, mixedUp: 0 };
      expect({ faults, clients }).toEqual({ faults, clients: clients.map((client) => ({ ...client, ...right })) });
    },
  );
});
