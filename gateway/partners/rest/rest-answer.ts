import type { GraphQLFormattedError } from "graphql";
import type { AnswerBody } from "../calls/call";
import { type Problem, problem, problemOfErrors } from "./problem";
import type { RestOperation } from "./rest-operation";

/** A GraphQL response as a caller may see it. */
export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** What plain HTTP answers with 200. */
export interface PlainAnswer {
  /** JSON. */
  readonly text: string;
  /** Length of the text in UTF-8, where that was known. */
  readonly bytes?: number | undefined;
  /** The cursor behind which the next page begins, when there is one. */
  readonly nextCursor: string | undefined;
}

export const isProblem = (answer: PlainAnswer | Problem): answer is Problem => "status" in answer;

/**
 * A GraphQL response in plain JSON. Plain JSON has no place to say that a part is missing, and a null in it would be taken for the truth: an answer with
 * errors is a problem, whatever data came with it, and holds both.
 */
export function restAnswer(operation: RestOperation, body: AnswerBody): PlainAnswer | Problem {
  if (body.kind !== "complete") throw new Error("an answer came in parts that nobody asked for");
  const { data, errors } = body.result ?? {};
  if (data !== undefined && errors?.length === 0) {
    const { bytes, string } = body;
    // Nothing else of it takes more than a byte.
    const isDataAlone = bytes !== undefined && string.length === data.length + AROUND_DATA;
    return plainAnswer(operation, data, isDataAlone ? bytes - string.length : undefined);
  }
  const answer = JSON.parse(body.string) as GraphqlAnswer;
  if (answer.errors && answer.errors.length > 0) return problemOfErrors(answer.errors, answer.data ?? undefined);
  if (!answer.data) throw new Error("an answer has neither data nor errors");
  return plainAnswer(operation, JSON.stringify(answer.data));
}

const AROUND_DATA = '{"data":}\n'.length;

/**
 * @param data JSON text without white space, which is cut and not read where that is enough
 * @param more bytes than characters that it has in UTF-8, where that is known
 */
function plainAnswer(
  { root, nullIsNotFound, isPaged }: RestOperation,
  data: string,
  more?: number,
): PlainAnswer | Problem {
  const bytesOf = (text: string) => (more === undefined ? undefined : text.length + more);
  if (!root) return { text: data, bytes: bytesOf(data), nextCursor: undefined };
  const start = `{"${root.key}":`;
  if (!data.startsWith(start)) throw new Error("an answer has another root field than its operation");
  const text = data.slice(start.length, -1);
  if (text === "null" && nullIsNotFound)
    return problem(404, "NOT_FOUND", "There is no such thing, or none that you may see.");
  return { text, bytes: bytesOf(text), nextCursor: isPaged ? nextCursorOf(JSON.parse(text)) : undefined };
}

function nextCursorOf(connection: unknown): string | undefined {
  const { pageInfo } = (connection ?? {}) as { pageInfo?: { hasNextPage?: unknown; endCursor?: unknown } | null };
  const cursor = pageInfo?.hasNextPage === true ? pageInfo.endCursor : undefined;
  return typeof cursor === "string" ? cursor : undefined;
}
