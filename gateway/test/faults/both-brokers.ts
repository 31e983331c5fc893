import { Broker } from "../../../deploy/local/amqp/server/broker";

/** FAULT_SEED repeats a run; `npm run test:faults` makes many. */
export const SEEDS = process.env["FAULT_SEED"] ? [Number(process.env["FAULT_SEED"])] : [1];

/** Calls `tests` for the embedded broker, and for that of TEST_AMQP_URL. */
export function onBothBrokers(tests: (url: () => string) => void): void {
  describe.each(["the embedded broker", "the broker of TEST_AMQP_URL"])("on %s", (which) => {
    let embedded: Broker | undefined;
    let url = process.env["TEST_AMQP_URL"] ?? "";
    beforeAll(async () => {
      if (which !== "the embedded broker") return;
      embedded = new Broker();
      url = `amqp://guest:guest@127.0.0.1:${await embedded.listen(0)}`;
    });
    afterAll(() => embedded?.close());

    tests(() => url);
  });
}
