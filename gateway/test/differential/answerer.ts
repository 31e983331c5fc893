/** One operation of one document, as a client sends it. */
export interface Operation {
  readonly document: string;
  /** Needed when the document holds several operations. */
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: unknown };
}

export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly AnsweredError[];
  /** Of an answer in parts: where a part was null as a whole, so that its fields are missing. */
  readonly lost?: readonly (readonly (string | number)[])[];
}

/** One way of answering an operation. A rejection is an answer too, and always a wrong one. */
export interface Answerer {
  readonly name: string;
  answer(operation: Operation): Promise<Answer>;
  /** The plan that the operation is answered with, as text, where there is one. */
  explain?(operation: Operation): Promise<string>;
  close(): Promise<void>;
}
