import { Broker } from "../../../deploy/local/amqp/server/broker";

/** FAULT_SEED repeats a run; `npm run test:faults` makes many. */
export const SEEDS = process.env["FAULT_SEED"] ? [Number(process.env["FAULT_SEED"])] : [1];

/** At the same time, because a run is spent waiting for what was broken. */
export async function onBothBrokers<Outcome extends object>(
  run: (url: string) => Promise<Outcome>,
): Promise<(Outcome & { readonly broker: string })[]> {
  const embedded = new Broker();
  try {
    const brokers = {
      "the embedded broker": `amqp://guest:guest@127.0.0.1:${await embedded.listen(0)}`,
      "the broker of TEST_AMQP_URL": process.env["TEST_AMQP_URL"] ?? "",
    };
    return await Promise.all(Object.entries(brokers).map(async ([broker, url]) => ({ broker, ...(await run(url)) })));
  } finally {
    await embedded.close();
  }
}
