import type { ExecutionState } from "./state";

/** Written answers of one operation, for executions that share every answer of a subgraph. */
export interface SharedAnswers<Answer> {
  /** @returns what an execution with these very answers of subgraphs has written in this turn of the event loop; otherwise what `write` does */
  of(state: ExecutionState, write: () => Answer): Answer;
}

/**
 * Executions that wait for the same calls get all their answers in the same turn, and the answer of an operation is a function of the
 * answers of its subgraphs: the values of variables reach it through them alone. So it is written once for all of them, rather than by
 * each, one copy after the other. Answers are compared by identity. Nothing is kept beyond the turn.
 */
export function createSharedAnswers<Answer>(): SharedAnswers<Answer> {
  let last: { readonly replies: ExecutionState["replies"]; readonly answer: Answer } | undefined;
  const forget = () => (last = undefined);
  return {
    of: ({ replies }, write) => {
      if (last && replies.every((reply, fetch) => reply?.data === last?.replies[fetch]?.data)) return last.answer;
      const answer = write();
      if (!last) setImmediate(forget);
      last = { replies, answer };
      return answer;
    },
  };
}
