/** One part of a path: what must be there, or the variable that takes what is there. */
export type RestSegment = { readonly literal: string } | { readonly variable: string };

/** Where an operation is found over plain HTTP, as the manifest of partners' operations has it. */
export interface RestBinding {
  readonly method: "GET" | "POST";
  /** Below `/partner/v1`, such as `/orders/{id}`. */
  readonly path: string;
}

/** First parts that the partner API keeps for itself. */
export const RESERVED_SEGMENTS: ReadonlySet<string> = new Set([
  "graphql",
  "docs",
  "openapi.json",
  "usage",
  "webhooks",
  "keys",
  "mcp",
  "ops",
]);

const MAX_PATH_LENGTH = 200;
const MAX_SEGMENTS = 10;
/** RFC 3986, unreserved: such text is the same whether or not somebody on the way decodes and encodes it. */
const LITERAL = /^[A-Za-z0-9._~-]+$/;
const VARIABLE = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** @returns the parts of a path, or why it cannot be one */
export function parseRestPath(path: string): readonly RestSegment[] | string {
  if (path.length > MAX_PATH_LENGTH) return `a path has ${MAX_PATH_LENGTH} characters at most`;
  if (!path.startsWith("/")) return `the path "${path}" does not begin with "/"`;
  const texts = path.slice(1).split("/");
  if (texts.length > MAX_SEGMENTS) return `the path "${path}" has more than ${MAX_SEGMENTS} parts`;
  const segments: RestSegment[] = [];
  const variables = new Set<string>();
  for (const text of texts) {
    const variable = VARIABLE.exec(text)?.[1];
    if (variable !== undefined) {
      if (variables.has(variable)) return `the path "${path}" has {${variable}} twice`;
      variables.add(variable);
      segments.push({ variable });
    } else if (LITERAL.test(text) && text !== "." && text !== "..") segments.push({ literal: text });
    else return `the part "${text}" of the path "${path}" is neither plain text nor one {variable}`;
  }
  const [first] = segments;
  if (!first || !("literal" in first)) return `the path "${path}" must begin with plain text, not with a variable`;
  // Proxies and file systems that do not tell capitals apart must not either.
  if (RESERVED_SEGMENTS.has(first.literal.toLowerCase())) return `paths below "/${first.literal}" are reserved`;
  return segments;
}

/**
 * Why two operations of one partner cannot both be told from their paths: the paths are the same but for the names of variables, or there
 * are requests that fit both and neither path is the more exact one. `/orders/latest` beside `/orders/{id}` is exact.
 * @returns undefined when they can
 */
export function restConflict(a: RestBinding, b: RestBinding): string | undefined {
  const left = parseRestPath(a.path);
  const right = parseRestPath(b.path);
  if (typeof left === "string" || typeof right === "string" || left.length !== right.length) return undefined;
  let leftIsExacter = false;
  let rightIsExacter = false;
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (!other) return undefined;
    if ("literal" in one && "literal" in other) {
      if (one.literal !== other.literal) return undefined;
    } else if ("literal" in one) leftIsExacter = true;
    else if ("literal" in other) rightIsExacter = true;
  }
  if (!leftIsExacter && !rightIsExacter) {
    if (a.method === b.method) return `the paths "${a.path}" and "${b.path}" are the same`;
    // One path item of OpenAPI has one set of names.
    return a.path === b.path ? undefined : `the paths "${a.path}" and "${b.path}" name their variables differently`;
  }
  if (a.method !== b.method || leftIsExacter !== rightIsExacter) return undefined;
  return `some requests fit both paths "${a.path}" and "${b.path}"`;
}
