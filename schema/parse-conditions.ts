import type { ConditionOperand, ConditionOperator, EventCondition } from "./event-condition";
import { type EventPath, type EventScalar, parseEventPath } from "./event-path";

/** A `where` or `authorize` that cannot be read; the message says where it stops making sense. */
export class EventConditionError extends Error {
  override readonly name = "EventConditionError";
}

const TOKEN =
  /\s*(&&|==|!=|<=|>=|<|>|\[|\]|,|\$(?:args|claims)\.[A-Za-z_]\w*|"(?:[^"\\]|\\.)*"|'[^']*'|-?\d+(?:\.\d+)?|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/y;
const OPERATORS: readonly string[] = ["==", "!=", "<", "<=", ">", ">=", "in"] satisfies ConditionOperator[];
const REFERENCE = /^\$(args|claims)\.(.+)$/;

/**
 * Reads conditions joined by `&&`, such as `orderId == $args.orderId && status in ["PLACED", "CONFIRMED"]`.
 * Literals are numbers, `true`, `false`, texts in either kind of quotes and, behind `in`, lists of these.
 * @throws EventConditionError
 */
export function parseConditions(text: string): readonly EventCondition[] {
  const tokens = tokenise(text);
  const conditions: EventCondition[] = [];
  do conditions.push(readCondition(tokens));
  while (tokens.take("&&"));
  if (tokens.peek() !== undefined) tokens.fail('"&&" or the end');
  return conditions;
}

interface Tokens {
  peek(): string | undefined;
  next(): string | undefined;
  /** Takes the token when it is this one. */
  take(token: string): boolean;
  fail(expected: string): never;
}

function tokenise(text: string): Tokens {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    const [, token] = TOKEN.exec(text) ?? [];
    if (token === undefined) throw unreadable(text, `"${text.slice(at).trim()}" is none of its signs`);
    tokens.push(token);
  }
  let position = 0;
  return {
    peek: () => tokens[position],
    next: () => tokens[position++],
    take: (token) => {
      const is = tokens[position] === token;
      if (is) position += 1;
      return is;
    },
    fail: (expected) => {
      const found = tokens[position];
      throw unreadable(text, `expected ${expected}, not ${found === undefined ? "its end" : `"${found}"`}`);
    },
  };
}

function readCondition(tokens: Tokens): EventCondition {
  const path = readPath(tokens);
  const operator = readOperator(tokens);
  return { path, operator, operand: readOperand(tokens, operator) };
}

function readPath(tokens: Tokens): EventPath {
  const path = parseEventPath(tokens.peek() ?? "");
  if (!path) tokens.fail('a path such as "orderId"');
  tokens.next();
  return path;
}

function readOperator(tokens: Tokens): ConditionOperator {
  const token = tokens.peek();
  if (token === undefined || !OPERATORS.includes(token)) tokens.fail(`one of ${OPERATORS.join(" ")}`);
  tokens.next();
  return token as ConditionOperator;
}

function readOperand(tokens: Tokens, operator: ConditionOperator): ConditionOperand {
  const [, source, name] = REFERENCE.exec(tokens.peek() ?? "") ?? [];
  if (source && name) {
    tokens.next();
    return { source: source as "args" | "claims", name };
  }
  if (operator !== "in") return { source: "literal", value: readScalar(tokens) };
  if (!tokens.take("[")) tokens.fail('a list such as ["a", "b"], "$args.…" or "$claims.…"');
  const value: EventScalar[] = [];
  do value.push(readScalar(tokens));
  while (tokens.take(","));
  if (!tokens.take("]")) tokens.fail('"," or "]"');
  return { source: "literal", value };
}

function readScalar(tokens: Tokens): EventScalar {
  const value = scalarOf(tokens.peek() ?? "");
  if (value === undefined) tokens.fail('a number, a text in quotes, true, false, "$args.…" or "$claims.…"');
  tokens.next();
  return value;
}

function scalarOf(token: string): EventScalar | undefined {
  if (token === "true" || token === "false") return token === "true";
  if (token.startsWith("'")) return token.slice(1, -1);
  if (!/^["\-\d]/.test(token)) return undefined;
  try {
    return JSON.parse(token) as EventScalar;
  } catch {
    return undefined;
  }
}

const unreadable = (text: string, why: string) => new EventConditionError(`"${text.trim()}" cannot be read: ${why}`);
