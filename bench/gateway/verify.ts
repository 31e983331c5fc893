import { isDeepStrictEqual } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import type { Started } from "./field";
import { type Answer, ask } from "./processes/ask";

const START_MS = 60_000;
const RETRY_MS = 100;
const SHOWN = 300;

/** A gateway that did not start or does not answer what it must; its row is left out, with this reason. */
export class WrongAnswerError extends Error {
  override readonly name = "WrongAnswerError";
}

/** What a right answer is. */
export type Check = (answer: Answer) => boolean;

/** Equal as JSON: the order of an object's fields and what else a gateway puts beside `data` do not count. */
export const answersData = (expected: unknown): Check => {
  const { data } = expected as { data: unknown };
  return (answer) => {
    const body = answer.status === 200 ? (JSON.parse(answer.body) as { data?: unknown; errors?: unknown }) : {};
    return body.errors === undefined && isDeepStrictEqual(body.data, data);
  };
};

/** @throws WrongAnswerError */
export async function verify({ setting }: Started, request: string, check: Check): Promise<Answer> {
  const answer = await ask(setting.port, request).catch((error: Error) => {
    throw new WrongAnswerError(`does not answer: ${error.message}`);
  });
  let right = false;
  try {
    right = check(answer);
  } catch {
    // Not JSON: shown below.
  }
  if (!right) throw new WrongAnswerError(`answers ${answer.status} ${JSON.stringify(answer.body.slice(0, SHOWN))}`);
  return answer;
}

/** Asks until the answer is right. @throws WrongAnswerError when the process ends or it takes more than a minute */
export async function untilRight(started: Started, request: string, check: Check): Promise<Answer> {
  const { running } = started;
  for (const giveUpAt = Date.now() + START_MS; ; await delay(RETRY_MS)) {
    try {
      return await verify(started, request, check);
    } catch (error) {
      const ended = running.process.exitCode !== null || running.pid === 0;
      if (ended) throw new WrongAnswerError(`did not start: ${running.output()}`);
      if (Date.now() > giveUpAt) throw new WrongAnswerError((error as Error).message);
    }
  }
}
