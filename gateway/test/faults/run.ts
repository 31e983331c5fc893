import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { Broker } from "../../../deploy/local/amqp/server/broker";
import { allOnce, type Delivery } from "../../../e2e/harness/check-delivery";
import { runFeedFaults } from "./feed-faults";
import { runStreamFaults } from "./stream-faults";

/**
 * The long run: `npm run test:faults -- --minutes 30 [--seed N] [--amqp URL] [--faults N]`. Each round has a seed of its own, counted from
 * the first. Without `--amqp` the broker is the embedded one. It ends with 1 when an event was not delivered exactly once.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "5" },
      seed: { type: "string" },
      amqp: { type: "string" },
      faults: { type: "string", default: "12" },
    },
  });
  const first = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  const faults = Number(values.faults);
  if (!Number.isInteger(first) || !Number.isInteger(faults) || !(Number(values.minutes) > 0)) {
    throw new Error("Seed, faults and minutes are numbers.");
  }
  const broker = values.amqp === undefined ? new Broker() : undefined;
  const url = values.amqp ?? `amqp://guest:guest@127.0.0.1:${await broker!.listen(0)}`;
  const until = Date.now() + Number(values.minutes) * 60_000;
  let rounds = 0;
  let deliveries = 0;
  let bad = 0;
  console.log(`faults: from seed ${first}`);
  for (let seed = first; Date.now() < until; seed++) {
    const feed = await runFeedFaults({ url, seed, faults });
    const streams = await runStreamFaults({ url, seed, faults });
    const outcomes = [
      ...feed.deliveries.map((delivery, i) => ({
        name: i === 0 ? "the feed" : "a visitor of the feed",
        delivery,
        published: feed.published,
        told: feed.gaps,
        mixedUp: 0,
        connections: 0,
        failed: 0,
      })),
      ...streams.clients.map((client) => ({ ...client, published: streams.published })),
    ];
    rounds++;
    for (const { name, delivery, published, told, mixedUp, connections, failed } of outcomes) {
      deliveries += delivery.once;
      if (isRight(delivery) && told === 0 && mixedUp === 0) continue;
      bad++;
      console.log(
        `\nseed ${seed}, ${name}: ${JSON.stringify({ connections, told, mixedUp, failed, ...brief(delivery, published) })}`,
      );
      console.log((name.includes("feed") ? feed : streams).faults.map((fault) => `  ${fault}`).join("\n"));
    }
    const failed = streams.clients.reduce((sum, client) => sum + client.failed, 0);
    const connections = streams.clients.reduce((sum, client) => sum + client.connections, 0);
    console.log(
      `seed ${seed}: ${feed.published.length} and ${streams.published.length} events, ` +
        `${streams.clients.length} clients with ${connections} connections, ${failed} messages without their subgraph`,
    );
  }
  await broker?.close();
  console.log(`${rounds} rounds, ${deliveries} deliveries once, ${bad} listeners with anything else`);
  process.exitCode = bad > 0 ? 1 : 0;
}

const isRight = ({ once, ...rest }: Delivery) => {
  const { once: _, ...nothing } = allOnce([]);
  return once > 0 && JSON.stringify(rest) === JSON.stringify(nothing);
};

const brief = ({ once, lost, duplicated, invented, disordered }: Delivery, published: readonly string[]) => ({
  once,
  lost: lost.length,
  // Behind everything that arrived: somebody who did not come that far.
  lostAtTheEnd: lost.filter((id, i) => published.at(i - lost.length) === id).length,
  duplicated: duplicated.length,
  invented: invented.length,
  disordered: disordered.length,
});

void main().catch((error: Error) => {
  console.error(error);
  process.exitCode = 1;
});
