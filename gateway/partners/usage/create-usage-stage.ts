import type { GraphQLSchema } from "graphql";
import type { Answer, CallStage } from "../calls/call";
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
  const deprecatedFields = createDeprecatedFields();

  return async (call, next) => {
    const beganAtMs = performance.now();
    const count = (outcome: Outcome) =>
      record({
        ...outcome,
        partnerId: call.partner.id,
        keyId: call.partner.keyId,
        operation: call.operation.name,
        door: call.door,
        endedAtMs: now(),
        durationMs: performance.now() - beganAtMs,
        deprecatedFields: deprecatedFields(schema(), call.operation.document),
        client: clientOf(call),
      });
    try {
      const answer = await next(call);
      if (answer.body.kind === "chunked") return inParts(answer, answer.body.asyncIterator, count);
      count({ ...outcomeOf(answer), cost: answer.cost ?? 0 });
      return answer;
    } catch (error) {
      count({ errorCodes: [codeOf(error)], cost: 0, answerBytes: 0 });
      throw error;
    }
  };
}

const codeOf = (error: unknown): string => (error instanceof CallRefused ? error.code : INTERNAL);
const INTERNAL = "INTERNAL_SERVER_ERROR";

function outcomeOf({ body }: Answer): Omit<Outcome, "cost"> {
  if (body.kind !== "complete") return { errorCodes: [], answerBytes: 0 };
  const answerBytes = Buffer.byteLength(body.string);
  if (body.result) return { errorCodes: codesOf(body.result.errors), answerBytes };
  // An answer with errors begins with them.
  if (!body.string.startsWith('{"errors"')) return { errorCodes: [], answerBytes };
  const { errors } = JSON.parse(body.string) as { errors: Errors };
  return { errorCodes: codesOf(errors), answerBytes };
}

type Errors = readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];

const codesOf = (errors: Errors): readonly string[] => [
  ...new Set(
    errors.map(({ extensions }) => {
      const code = extensions?.["code"];
      return typeof code === "string" ? code : INTERNAL;
    }),
  ),
];

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
