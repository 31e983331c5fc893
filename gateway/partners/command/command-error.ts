/** Why a command did nothing: each problem is one sentence for whoever typed it. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}
