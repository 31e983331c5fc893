import { allOnce } from "../../../e2e/harness/check-delivery";
import { Broker } from "../../../deploy/local/amqp/server/broker";
import { runFeedFaults } from "./feed-faults";

jest.setTimeout(60_000);

/** FAULT_SEED repeats a run; `npm run test:faults` makes many. */
const SEEDS = process.env["FAULT_SEED"] ? [Number(process.env["FAULT_SEED"])] : [1];

describe.each(["the embedded broker", "the broker of TEST_AMQP_URL"])("between the feed and %s", (which) => {
  let embedded: Broker | undefined;
  let url = process.env["TEST_AMQP_URL"] ?? "";
  beforeAll(async () => {
    if (which !== "the embedded broker") return;
    embedded = new Broker();
    url = `amqp://guest:guest@127.0.0.1:${await embedded.listen(0)}`;
  });
  afterAll(() => embedded?.close());

  test.each(SEEDS)("every event is delivered once, whatever happens to the network (FAULT_SEED=%i)", async (seed) => {
    const { published, deliveries, gaps } = await runFeedFaults({ url, seed, faults: 6 });
    const [feed, visitor] = deliveries;
    expect(feed).toEqual(allOnce(published));
    expect(visitor).toEqual({ ...allOnce(published), once: expect.any(Number) as number });
    expect(visitor!.once).toBeGreaterThan(published.length / 2);
    expect(gaps).toBe(0);
  });
});
