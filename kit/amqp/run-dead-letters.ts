import { connect } from "amqplib";
import { brokerSettings, type Environment, parseEnvironment } from "../config";
import { type DeadLetter, readDeadLetters, replayDeadLetter } from "./dead-letters";
import { createTopology } from "./topology";

export const DEAD_LETTERS_USAGE = `What services gave up of RabbitMQ's events.

  list             one line for each: when, what, whose queue, why
  show <id>        everything about those of one event, as JSON
  replay <id>      gives them back to the handlers that gave them up

AMQP_URL names the broker, AMQP_NAMESPACE the prefix of its names, where there is one.`;

/**
 * The command `npm run events:dead`.
 * @returns what is to be printed
 * @throws Error with a sentence for whoever runs it; ConfigError
 */
export async function runDeadLetters(argv: readonly string[], env: Environment): Promise<string> {
  const [command, id, ...more] = argv;
  const isWhole = command === "list" ? id === undefined : id !== undefined && more.length === 0;
  if (!isWhole || !["list", "show", "replay"].includes(command ?? "")) throw new Error(DEAD_LETTERS_USAGE);
  const { AMQP_URL, AMQP_NAMESPACE } = parseEnvironment(env, brokerSettings);
  const topology = createTopology(AMQP_NAMESPACE);
  const connection = await connect(AMQP_URL, { noDelay: true, timeout: 5_000 });
  connection.on("error", () => undefined);
  const open = () => connection.createConfirmChannel();
  try {
    if (id === undefined) return listOf(await readDeadLetters(open, topology));
    if (command === "replay") {
      const queues = await replayDeadLetter(open, topology, id);
      return `Given back to ${queues.join(", ")}.`;
    }
    const found = (await readDeadLetters(open, topology)).filter((letter) => letter.id === id);
    if (found.length === 0) throw new Error(`There is no dead letter of an event "${id}".`);
    return JSON.stringify(found, null, 2);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

function listOf(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return "Nothing was given up.";
  return letters
    .map(({ id, type, queue, reason, attempts, time }) => [time, id, type, queue, `${attempts}x`, reason].join("  "))
    .join("\n");
}
