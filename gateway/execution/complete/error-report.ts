import { GraphQLError } from "graphql";

export type PathKey = string | number;

/** A path that grows at its end; the root is undefined. */
export interface Path {
  readonly above: Path | undefined;
  readonly key: PathKey;
}

export function pathKeys(path: Path | undefined): readonly PathKey[] {
  const keys: PathKey[] = [];
  for (let at = path; at; at = at.above) keys.push(at.key);
  return keys.reverse();
}

/** Errors of one answer. Beyond this many they tell a client nothing new; the last one says that there are more. */
const MAX_ERRORS = 100;

/** Collects the errors of an answer, and knows which nulls they explain. */
export interface ErrorReport {
  /** Says the same of the same path only once. */
  add(error: GraphQLError, path: readonly PathKey[] | undefined): void;
  /** True when there is an error at the path, above it or below it: a null there needs no other. */
  explains(path: Path | undefined): boolean;
  readonly errors: readonly GraphQLError[];
}

export function createErrorReport(): ErrorReport {
  const errors: GraphQLError[] = [];
  const said = new Set<string>();
  const at = new Set<string>();
  /** Every path with an error somewhere below it. */
  const above = new Set<string>();

  return {
    errors,
    add: (error, path) => {
      const place = path && textOf(path);
      const sentence = `${place ?? ""}\n${error.message}`;
      if (said.has(sentence)) return;
      said.add(sentence);
      if (path && place !== undefined && !at.has(place)) {
        at.add(place);
        for (let i = 0; i < path.length; i++) above.add(textOf(path.slice(0, i)));
      }
      if (errors.length < MAX_ERRORS) {
        errors.push(createError(error.message, path, error.extensions));
      } else if (errors.length === MAX_ERRORS) {
        errors.push(createError("There are more errors.", undefined, error.extensions));
      }
    },
    explains: (path) => {
      const keys = pathKeys(path);
      if (above.has(textOf(keys))) return true;
      for (let i = keys.length; i >= 0; i--) if (at.has(textOf(keys.slice(0, i)))) return true;
      return false;
    },
  };
}

/** Its stack would name this file for each of a hundred errors, and take longer than all the rest of the answer. */
function createError(
  message: string,
  path: readonly PathKey[] | undefined,
  extensions: GraphQLError["extensions"],
): GraphQLError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new GraphQLError(message, { path, extensions });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Response keys are GraphQL names and hold no dot. */
const textOf = (keys: readonly PathKey[]): string => keys.join(".");
