import type { GraphQLSchema } from "graphql";
import { type Answer, type AnswerBody, type Call, keeping } from "../calls/call";
import { CallRefused } from "../calls/call-refused";
import { clientOf } from "./client-of";
import { createDeprecatedFields } from "./deprecated-fields";
import type { CallRecord } from "./usage-entry";

/** Counts every call with its outcome, refusals included. */
export interface CallCounter {
  /**
   * @param beganAtMs of `performance.now()`
   * @returns what to answer with: an answer in parts is counted when it has ended
   */
  answered(call: Call, beganAtMs: number, answer: Answer): Answer;
  failed(call: Call, beganAtMs: number, error: unknown): void;
}

type Outcome = Pick<CallRecord, "errorCodes" | "cost" | "answerBytes">;

export function createCallCounter(options: {
  record: (call: CallRecord) => void;
  /** The API schema of the graph that is served now. */
  schema: () => GraphQLSchema;
  /** Milliseconds since 1970. */
  now?: () => number;
}): CallCounter {
  const { record, schema, now = Date.now } = options;
  const findDeprecated = createDeprecatedFields();
  const deprecatedFields = keeping(({ operation }) => findDeprecated(schema(), operation.document));

  const count = (
    call: Call,
    beganAtMs: number,
    errorCodes: readonly string[],
    cost: number,
    answerBytes: number,
  ): void => {
    const { partner, operation, door, header } = call;
    record({
      partnerId: partner.id,
      keyId: partner.keyId,
      operation: operation.name,
      door,
      endedAtMs: now(),
      durationMs: performance.now() - beganAtMs,
      errorCodes,
      cost,
      answerBytes,
      deprecatedFields: deprecatedFields(call),
      client: () => clientOf({ header }),
    });
  };

  return {
    answered: (call, beganAtMs, answer) => {
      const { body, cost = 0 } = answer;
      if (body.kind === "complete") {
        count(call, beganAtMs, codesIn(body), cost, body.bytes ?? Buffer.byteLength(body.string));
        return answer;
      }
      return inParts(answer, body.asyncIterator, (outcome) =>
        count(call, beganAtMs, outcome.errorCodes, outcome.cost, outcome.answerBytes),
      );
    },
    failed: (call, beganAtMs, error) => count(call, beganAtMs, [codeOf(error)], 0, 0),
  };
}

const codeOf = (error: unknown): string => (error instanceof CallRefused ? error.code : INTERNAL);
const INTERNAL = "INTERNAL_SERVER_ERROR";

function codesIn({ string, result }: AnswerBody & { kind: "complete" }): readonly string[] {
  if (result) return codesOf(result.errors);
  // An answer with errors begins with them.
  if (!string.startsWith('{"errors"')) return NO_CODES;
  return codesOf((JSON.parse(string) as { errors: Errors }).errors);
}

type Errors = readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];

const NO_CODES: readonly string[] = Object.freeze([]);

function codesOf(errors: Errors): readonly string[] {
  if (errors.length === 0) return NO_CODES;
  const codes = errors.map(({ extensions }) => {
    const code = extensions?.["code"];
    return typeof code === "string" ? code : INTERNAL;
  });
  return [...new Set(codes)];
}

/** Errors within parts are not looked for: a part is text by now. */
function inParts(answer: Answer, parts: AsyncIterableIterator<string>, count: (outcome: Outcome) => void): Answer {
  const counted = async function* () {
    let answerBytes = 0;
    let errorCodes: readonly string[] = [];
    try {
      for await (const part of parts) {
        answerBytes += Buffer.byteLength(part);
        yield part;
      }
    } catch (error) {
      errorCodes = [codeOf(error)];
      throw error;
    } finally {
      count({ errorCodes, cost: answer.cost ?? 0, answerBytes });
    }
  };
  return { ...answer, body: { kind: "chunked", asyncIterator: counted() } };
}
