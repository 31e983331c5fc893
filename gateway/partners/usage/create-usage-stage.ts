import type { GraphQLSchema } from "graphql";
import { type Answer, type AnswerBody, type CallStage, keeping, onAnswer } from "../calls/call";
import { CallRefused } from "../calls/call-refused";
import { clientOf } from "./client-of";
import { createDeprecatedFields } from "./deprecated-fields";
import type { CallRecord } from "./usage-entry";

type Outcome = Pick<CallRecord, "errorCodes" | "cost" | "answerBytes">;

/** Counts every call with its outcome, refusals included: it stands before all other stages. An answer in parts is counted when it has ended. */
export function createUsageStage(options: {
  record: (call: CallRecord) => void;
  /** The API schema of the graph that is served now. */
  schema: () => GraphQLSchema;
  /** Milliseconds since 1970. */
  now?: () => number;
}): CallStage {
  const { record, schema, now = Date.now } = options;
  const findDeprecated = createDeprecatedFields();
  const deprecatedFields = keeping(({ operation }) => findDeprecated(schema(), operation.document));

  return (call, next) => {
    const beganAtMs = performance.now();
    const { header } = call;
    const count = ({ errorCodes, cost, answerBytes }: Outcome) =>
      record({
        partnerId: call.partner.id,
        keyId: call.partner.keyId,
        operation: call.operation.name,
        door: call.door,
        endedAtMs: now(),
        durationMs: performance.now() - beganAtMs,
        errorCodes,
        cost,
        answerBytes,
        deprecatedFields: deprecatedFields(call),
        client: () => clientOf({ header }),
      });
    return onAnswer(
      call,
      next,
      (answer) => {
        const { body, cost = 0 } = answer;
        if (body.kind === "chunked") return inParts(answer, body.asyncIterator, count);
        count({ errorCodes: codesIn(body), cost, answerBytes: body.bytes ?? Buffer.byteLength(body.string) });
        return answer;
      },
      (error) => count({ errorCodes: [codeOf(error)], cost: 0, answerBytes: 0 }),
    );
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
