import type { GraphQLFormattedError } from "graphql";
import { type Problem, problem, problemOfErrors } from "./problem";
import type { RestOperation } from "./rest-operation";

/** A GraphQL response as a caller may see it. */
export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** What plain HTTP answers with 200. */
export interface PlainAnswer {
  readonly value: unknown;
  /** The cursor behind which the next page begins, when there is one. */
  readonly nextCursor: string | undefined;
}

export const isProblem = (answer: PlainAnswer | Problem): answer is Problem => "status" in answer;

/**
 * A GraphQL response in plain JSON. Plain JSON has no place to say that a part is missing, and a null in it would be taken for the truth: an answer with
 * errors is a problem, whatever data came with it, and holds both.
 */
export function restAnswer(
  { root, nullIsNotFound, isPaged }: RestOperation,
  answer: GraphqlAnswer,
): PlainAnswer | Problem {
  const { data, errors = [] } = answer;
  if (errors.length > 0) return problemOfErrors(errors, data ?? undefined);
  if (!data) throw new Error("an answer has neither data nor errors");
  if (!root) return { value: data, nextCursor: undefined };
  const value = data[root.key];
  if (value === null && nullIsNotFound)
    return problem(404, "NOT_FOUND", "There is no such thing, or none that you may see.");
  return { value, nextCursor: isPaged ? nextCursorOf(value) : undefined };
}

function nextCursorOf(connection: unknown): string | undefined {
  const { pageInfo } = (connection ?? {}) as { pageInfo?: { hasNextPage?: unknown; endCursor?: unknown } | null };
  const cursor = pageInfo?.hasNextPage === true ? pageInfo.endCursor : undefined;
  return typeof cursor === "string" ? cursor : undefined;
}
