export declare class ExpectedError extends Error {
  constructor(sentence: string, options?: ErrorOptions);
  readonly expected: true;
}
