/** Why there is nothing to explain: each problem is one sentence for whoever asked. */
export class ExplainError extends Error {
  override readonly name = "ExplainError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}
