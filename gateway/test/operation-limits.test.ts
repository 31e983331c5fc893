import { parse } from "graphql";
import { DEFAULT_LIMITS, findExceededLimit, type OperationLimits } from "../access/limits/operation-limits";
import { createDocumentChecker, isRefused } from "../operation/check-document";
import { compose } from "./harness/compose";
import { loadInThread } from "./harness/load-in-thread";
import { CATALOG_SDL, REVIEWS_SDL } from "./harness/shop";

const supergraph = loadInThread(
  compose([
    { name: "catalog", sdl: CATALOG_SDL, url: "http://127.0.0.1:1/graphql" },
    { name: "reviews", sdl: REVIEWS_SDL, url: "http://127.0.0.1:1/graphql" },
  ]),
);
const checker = createDocumentChecker({ limits: DEFAULT_LIMITS, introspection: true, suggestions: true });

/** @returns the limit that the document exceeds, by name, and what it took of the processor to say so */
function check(text: string) {
  const before = process.cpuUsage();
  const result = checker.check(supergraph, text);
  const { user, system } = process.cpuUsage(before);
  const tookMs = (user + system) / 1_000;
  const [error] = isRefused(result) ? result.errors : [];
  return { limit: error?.extensions["limit"], code: error?.extensions["code"], tookMs };
}

const nested = (depth: number) => `{ product(id: 1) ${"{ related ".repeat(depth)}{ id }${" }".repeat(depth)} }`;

/** Each fragment spreads the next one twice: 2^n selections in n lines. */
const doubling = (n: number, field: string) =>
  `{ product(id: 1) { ...F0 } } ` +
  Array.from(
    { length: n },
    (_, i) => `fragment F${i} on Product { a: ${field} { ...F${i + 1} } b: ${field} { ...F${i + 1} } }`,
  ).join(" ") +
  ` fragment F${n} on Product { id }`;

// Before the first measurement, as in a process that serves.
beforeAll(() => void check("{ products { id related { id } } }"));

describe("operation limits", () => {
  it.each([
    ["a depth of 100", nested(100), "depth"],
    ["aliases that double thirty times (CVE-2025-32030)", doubling(30, "related"), "depth"],
    ["aliases that double twenty times", doubling(20, "related"), "aliases"],
    [
      "a thousand root fields",
      `{ ${Array.from({ length: 1_000 }, (_, i) => `a${i}: hello`).join(" ")} }`,
      "root fields",
    ],
    [
      "two hundred aliases too many",
      `{ product(id: 1) { ${Array.from({ length: 201 }, (_, i) => `a${i}: id`).join(" ")} } }`,
      "aliases",
    ],
    ["a field with two hundred directives", `{ hello ${"@skip(if: false) ".repeat(200)} }`, "directives"],
    ["one field two hundred times", `{ product(id: 1) { ${"id ".repeat(200)} } }`, "repetitions of one field"],
    ["twenty thousand tokens", `{ hello ${"# \n, hello".repeat(20_000)} }`, "tokens"],
    [
      "an introspection that asks its own way round",
      `{ __schema { types { ${"fields { type { ".repeat(20)} name ${"} }".repeat(20)} } } }`,
      "depth",
    ],
  ])("%s is refused in no time", (_what, text, limit) => {
    const result = check(text);
    expect(result).toMatchObject({ limit, code: "OPERATION_LIMIT_EXCEEDED" });
    expect(result.tookMs).toBeLessThan(100);
  });

  it("spreads without aliases are counted as what they expand to", () => {
    const wide =
      `{ product(id: 1) { ...F0 } } ` +
      Array.from({ length: 25 }, (_, i) => `fragment F${i} on Product { ...F${i + 1} ...F${i + 1} }`).join(" ") +
      ` fragment F25 on Product { id name }`;
    expect(check(wide)).toMatchObject({ limit: "fields" });
  });

  it("sums beyond what numbers hold are still too many (CVE-2025-32033)", () => {
    const limits: OperationLimits = { ...DEFAULT_LIMITS, maxDepth: 100_000, maxTokens: 1_000_000 };
    const document = parse(doubling(2_000, "related"));
    expect(findExceededLimit(document, limits)?.extensions["limit"]).toBe("depth");
    const flat = { ...limits, maxDepth: Infinity };
    expect(findExceededLimit(parse(doubling(400, "related")), flat)?.extensions["limit"]).toBe("aliases");
  });

  it.each([
    ["selections", `${"{ related ".repeat(4_000)}`],
    ["lists", `{ echo(text: ${"[".repeat(9_000)}`],
    ["types", `query ($a: ${"[".repeat(9_000)}`],
  ])("thousands of nested %s do not exhaust the stack", (_what, text) => {
    const { code, tookMs } = check(text);
    expect(["OPERATION_LIMIT_EXCEEDED", "GRAPHQL_PARSE_FAILED"]).toContain(code);
    expect(tookMs).toBeLessThan(100);
  });

  it("fragments that contain each other, or do not exist, are for validation to name", () => {
    expect(
      check("{ product(id: 1) { ...A } } fragment A on Product { ...B } fragment B on Product { ...A }").code,
    ).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(check("{ product(id: 1) { ...Missing } }").code).toBe("GRAPHQL_VALIDATION_FAILED");
  });

  it.each([
    ["depth 30", nested(28)],
    ["the introspection query of tools", INTROSPECTION()],
    [
      "many different fields",
      "{ products { id name related { id name related { id } } reviews { stars product { id } } } latest { stars } }",
    ],
  ])("honest operations pass: %s", (_what, text) => {
    expect(check(text).code).toBeUndefined();
  });

  it("every operation of a document is measured, not only the one that is run", () => {
    expect(check(`query A { hello } query B ${nested(60)}`)).toMatchObject({ limit: "depth" });
  });
});

function INTROSPECTION(): string {
  const type = (depth: number): string => `{ kind name ${depth > 0 ? `ofType ${type(depth - 1)}` : ""} }`;
  return `{ __schema { types { name fields(includeDeprecated: true) { name args { name type ${type(9)} } type ${type(9)} } } } }`;
}
