export declare class ExpectedError extends Error {
  readonly expected: true;
}
