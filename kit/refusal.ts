/**
 * An error by which a caller is told that something is not done. It is no fault, so nobody looks for where it came from, and it has no stack: that
 * would cost more than the rest of the answer, and whoever is refused asks again and again.
 */
export abstract class Refusal extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
