import { Broker } from "../../../deploy/local/amqp/server/broker";
import { allOnce } from "../../../e2e/harness/check-delivery";
import { runStreamFaults } from "./stream-faults";

jest.setTimeout(90_000);

/** FAULT_SEED repeats a run; `npm run test:faults` makes many. */
const SEEDS = process.env["FAULT_SEED"] ? [Number(process.env["FAULT_SEED"])] : [1, 2];

let broker: Broker;
let url: string;
beforeAll(async () => {
  broker = new Broker();
  url = `amqp://guest:guest@127.0.0.1:${await broker.listen(0)}`;
});
afterAll(() => broker.close());

test.each(SEEDS)(
  "every subscriber on every transport gets every event once, whatever happens to any network (FAULT_SEED=%i)",
  async (seed) => {
    const { published, clients, faults } = await runStreamFaults({ url, seed, faults: 8, restarts: false });
    const right = { delivery: allOnce(published), told: 0, mixedUp: 0 };
    expect({ faults, clients }).toEqual({ faults, clients: clients.map((client) => ({ ...client, ...right })) });
  },
);
