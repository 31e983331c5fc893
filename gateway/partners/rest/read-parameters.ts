import { getNullableType, type GraphQLInputType, isEnumType, isListType, isScalarType } from "graphql";
import { Refusal } from "../../../kit/refusal";
import type { RestOperation, RestParameter } from "./rest-operation";

/** A request that does not fit the operation's parameters; the message is for the caller. */
export class ParameterError extends Refusal {
  override readonly name = "ParameterError";
}

const MAX_TEXT_LENGTH = 4_096;
const MAX_PAIRS = 500;

/**
 * The parts of a path below `/partner/v1`, percent-decoded after they were told apart: an encoded slash is a character of a part.
 * @throws ParameterError
 */
export const decodePath = (path: string): readonly string[] => path.slice(1).split("/").map(decode);

/**
 * The values of the variables, from path, query string and body; types are looked at as far as text allows, the rest is GraphQL's.
 * @param path decoded parts, which fit the operation's segments
 * @param search what follows the question mark, as it was sent
 * @param body of a POST, `undefined` when it has none
 * @throws ParameterError
 */
export function readParameters(
  { segments, parameters, binding }: RestOperation,
  sent: { readonly path: readonly string[]; readonly search: string; readonly body: unknown },
): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const [index, segment] of segments.entries()) {
    if (!("variable" in segment)) continue;
    const parameter = parameters.get(segment.variable);
    const text = sent.path[index] ?? "";
    // No name has them, and stores behind the gateway choke on some.
    if (/[\u0000-\u001f\u007f]/.test(text)) throw new ParameterError("The path holds control characters.");
    if (parameter) values.set(parameter.name, readTexts(parameter, [text]));
  }
  for (const [name, texts] of parseSearch(sent.search)) {
    const parameter = parameters.get(name);
    if (parameter?.place !== "query") throw unknown(name, "in the query string");
    values.set(name, readTexts(parameter, texts));
  }
  if (binding.method === "POST") for (const [name, value] of membersOf(sent.body, parameters)) values.set(name, value);
  for (const { name, isRequired, place } of parameters.values()) {
    if (isRequired && !values.has(name)) throw new ParameterError(`The parameter "${name}" (${place}) is missing.`);
  }
  return Object.fromEntries(values);
}

/** As forms write it, and stricter than `URLSearchParams`: what cannot be decoded is refused and not guessed. */
export function parseSearch(search: string): ReadonlyMap<string, readonly string[]> {
  if (search === "") return NO_PAIRS;
  const pairs = search.split("&", MAX_PAIRS + 1).filter((pair) => pair !== "");
  if (pairs.length > MAX_PAIRS) throw new ParameterError(`The query string has more than ${MAX_PAIRS} parameters.`);
  const found = new Map<string, string[]>();
  for (const pair of pairs) {
    const mark = pair.indexOf("=");
    const name = decode(spaced(mark < 0 ? pair : pair.slice(0, mark)));
    const value = mark < 0 ? "" : decode(spaced(pair.slice(mark + 1)));
    const known = found.get(name);
    if (known) known.push(value);
    else found.set(name, [value]);
  }
  return found;
}

const NO_PAIRS: ReadonlyMap<string, readonly string[]> = new Map();

const spaced = (text: string) => text.replaceAll("+", " ");

function decode(text: string): string {
  if (text.length > MAX_TEXT_LENGTH) throw new ParameterError(`A parameter has ${MAX_TEXT_LENGTH} characters at most.`);
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ParameterError("The address is not correctly percent-encoded UTF-8.");
  }
}

function membersOf(body: unknown, parameters: RestOperation["parameters"]): [string, unknown][] {
  if (body === undefined) return [];
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new ParameterError("The body must be a JSON object.");
  }
  const members = Object.entries(body);
  const stranger = members.find(([name]) => parameters.get(name)?.place !== "body");
  if (stranger) throw unknown(stranger[0], "in the body");
  return members;
}

/** What a caller named is repeated no longer than a name is. */
const unknown = (name: string, where: string) =>
  new ParameterError(`There is no parameter "${name.slice(0, 60)}" ${where}.`);

function readTexts({ name, type, spelling }: RestParameter, texts: readonly string[]): unknown {
  const nullable = getNullableType(type);
  if (spelling === "texts" && isListType(nullable)) {
    return texts.map((text) => readLeaf(name, getNullableType(nullable.ofType) as GraphQLInputType, text));
  }
  const [text = "", ...more] = texts;
  if (more.length > 0) throw new ParameterError(`The parameter "${name}" may be given once.`);
  if (spelling === "text") return readLeaf(name, nullable, text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ParameterError(`The parameter "${name}" must be JSON.`);
  }
}

/** Numbers as JSON writes them: neither `0x10` nor `1e999` nor an empty text is one. */
const INT = /^-?(?:0|[1-9]\d{0,9})$/;
const FLOAT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function readLeaf(name: string, type: GraphQLInputType, text: string): unknown {
  if (isEnumType(type)) {
    if (type.getValue(text)) return text;
    throw new ParameterError(`The parameter "${name}" must be a value of ${type.name}.`);
  }
  if (!isScalarType(type)) throw new Error(`${String(type)} is no leaf`);
  switch (type.name) {
    case "Int":
      if (INT.test(text)) return Number(text);
      throw new ParameterError(`The parameter "${name}" must be a whole number.`);
    case "Float":
      if (FLOAT.test(text) && Number.isFinite(Number(text))) return Number(text);
      throw new ParameterError(`The parameter "${name}" must be a number.`);
    case "Boolean":
      if (text === "true" || text === "false") return text === "true";
      throw new ParameterError(`The parameter "${name}" must be true or false.`);
    default:
      // String, ID and the scalars of a graph, which are texts in addresses.
      return text;
  }
}
