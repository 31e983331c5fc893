/** Thrown when an SDL cannot be served; the message is one clear reason for the operator. */
export class SupergraphError extends Error {
  override readonly name = "SupergraphError";
}

export function asSupergraphError(cause: unknown): SupergraphError {
  if (cause instanceof SupergraphError) return cause;
  return new SupergraphError(cause instanceof Error ? cause.message : String(cause), { cause });
}
