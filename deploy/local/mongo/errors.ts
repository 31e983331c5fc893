/**
 * An answer `{ ok: 0 }`, or one entry of `writeErrors`. Codes and wording are the server's own:
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
export class CommandError extends Error {
  constructor(
    readonly code: number,
    message: string,
    /** Further fields of the answer, such as `keyPattern` and `keyValue` of a duplicate key. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Errors without a name of their own are called by their number, as the server does. */
  get codeName(): string {
    return codeNames.get(this.code) ?? `Location${this.code}`;
  }
}

/** What a server without this feature cannot do; named so that nobody looks for the fault in their own query. */
export function notImplemented(what: string): CommandError {
  return new CommandError(238, `${what} is not implemented by the embedded development server`);
}

/** Turns anything thrown while a command ran into an answer. A fault of ours shows its message and nothing more. */
export function asCommandError(thrown: unknown): CommandError {
  if (thrown instanceof CommandError) return thrown;
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    return new CommandError(15, "BSONObj exceeded maximum nested object depth: 200");
  }
  return new CommandError(8, thrown instanceof Error ? thrown.message : "unknown error");
}

const codeNames = new Map<number, string>([
  [2, "BadValue"],
  [8, "UnknownError"],
  [9, "FailedToParse"],
  [14, "TypeMismatch"],
  [15, "Overflow"],
  [16, "InvalidLength"],
  [20, "IllegalOperation"],
  [22, "InvalidBSON"],
  [26, "NamespaceNotFound"],
  [27, "IndexNotFound"],
  [28, "PathNotViable"],
  [40, "ConflictingUpdateOperators"],
  [43, "CursorNotFound"],
  [48, "NamespaceExists"],
  [50, "MaxTimeMSExpired"],
  [52, "DollarPrefixedFieldName"],
  [53, "InvalidIdField"],
  [56, "EmptyFieldName"],
  [59, "CommandNotFound"],
  [66, "ImmutableField"],
  [67, "CannotCreateIndex"],
  [72, "InvalidOptions"],
  [73, "InvalidNamespace"],
  [85, "IndexOptionsConflict"],
  [86, "IndexKeySpecsConflict"],
  [121, "DocumentValidationFailure"],
  [123, "NotAReplicaSet"],
  [168, "InvalidPipelineOperator"],
  [171, "CannotIndexParallelArrays"],
  [197, "InvalidIndexSpecificationOption"],
  [238, "NotImplemented"],
  [322, "APIVersionError"],
  [352, "UnsupportedOpQueryCommand"],
  [10334, "BSONObjectTooLarge"],
  [11000, "DuplicateKey"],
]);
