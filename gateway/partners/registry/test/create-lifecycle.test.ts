import { buildSchema } from "graphql";
import type { Call } from "../../calls/call";
import { CallRefused } from "../../calls/call-refused";
import { buildSnapshot } from "../build-snapshot";
import { createLifecycle } from "../create-lifecycle";
import type { Deprecation, RegistryRow } from "../registry-store";

const NOW = Date.parse("2027-01-01T12:00:00Z");
const DAY = 86_400_000;
const at = (days: number) => new Date(NOW + days * DAY);
const schema = buildSchema(`type Query { thing(id: ID): String old: String @deprecated(reason: "Use thing.") }`);

function row(name: string, body: string, more: Partial<RegistryRow> = {}): RegistryRow {
  return {
    partner: "acme",
    version: 2,
    state: "active",
    publishedAt: at(-30),
    deprecatedAt: null,
    sunsetAt: null,
    retiredAt: null,
    id: `${name}-${more.version ?? 2}`,
    name,
    type: "query",
    body,
    restMethod: null,
    restPath: null,
    ...more,
  };
}
const deprecated = { version: 1, state: "deprecated", deprecatedAt: at(-2), sunsetAt: at(88) } as const;

/** @returns a call's headers, and whether it may go on */
function call(
  rows: readonly RegistryRow[],
  id: string,
  options: {
    deprecations?: readonly Deprecation[];
    later?: Date;
    door?: Call["door"];
    variables?: Call["variables"];
  } = {},
) {
  const deprecations = (options.deprecations ?? []).map((one) => ({ ...one, partner: "acme" }));
  const registry = buildSnapshot(
    { revision: "1", rows, deprecations },
    { now: NOW, onDamaged: (_, reason) => expect(reason).toBe("") },
  );
  const operation = registry.find("acme", id);
  if (!operation) throw new Error(`there is no ${id}`);
  const { later = new Date(NOW), door = "graphql", variables = {} } = options;
  const check = createLifecycle({ registry: () => registry, schema: () => schema, now: () => later.getTime() });
  const answerHeaders = new Map<string, string>();
  const asked = { operation, partner: { slug: "acme" }, variables, door, answerHeaders } as unknown as Call;
  let refusal: unknown;
  try {
    check(asked);
  } catch (error) {
    refusal = error;
  }
  return { headers: Object.fromEntries(answerHeaders), isRun: refusal === undefined, refusal };
}

test("an active operation is answered without a word", () => {
  expect(call([row("Get", "query Get { thing }")], "Get-2")).toMatchObject({ headers: {}, isRun: true });
});

test("a deprecated one is answered with since when, until when, and what takes its place", () => {
  const rows = [row("Get", "query Get { thing }"), row("Get", "query Get { old }", deprecated)];
  const { headers, isRun } = call(rows, "Get-1");
  expect(isRun).toBe(true);
  expect(headers).toEqual({
    deprecation: "@1798632000",
    sunset: "Tue, 30 Mar 2027 12:00:00 GMT",
    link: '</partner/v1/docs>; rel="deprecation"; type="text/html", </partner/v1/graphql/Get-2>; rel="successor-version"',
  });
});

test("over plain HTTP the successor is the resource with the same parameters", () => {
  const rows = [
    row("Get", "query Get($id: ID) { thing(id: $id) }", { restMethod: "GET", restPath: "/things/{id}" }),
    row("Get", "query Get($id: ID) { thing(id: $id) old }", deprecated),
  ];
  const link = (variables: Call["variables"]) =>
    call(rows, "Get-1", { door: "rest", variables }).headers["link"]?.split(", ")[1];
  expect(link({ id: "a/b ü" })).toBe('</partner/v1/things/a%2Fb%20%C3%BC>; rel="successor-version"');
  expect(link({ id: 7 })).toBe('</partner/v1/things/7>; rel="successor-version"');
  expect(link({})).toBe('</partner/v1/graphql/Get-2>; rel="successor-version"');
});

test("an operation that asks for deprecated fields is deprecated since it was published, without an end", () => {
  const { headers, isRun } = call([row("Get", "query Get { old }")], "Get-2");
  expect(isRun).toBe(true);
  expect(headers).toEqual({
    deprecation: `@${at(-30).getTime() / 1_000}`,
    link: '</partner/v1/docs>; rel="deprecation"; type="text/html"',
  });
});

test("from its sunset on it is refused, to the millisecond and without another snapshot", () => {
  const rows = [
    row("Get", "query Get { thing }"),
    row("Get", "query Get { old }", deprecated),
    row("Other", "query Other { thing }"),
  ];
  expect(call(rows, "Get-1", { later: new Date(at(88).getTime() - 1) }).isRun).toBe(true);
  const { isRun, refusal } = call(rows, "Get-1", { later: at(88) });
  expect(isRun).toBe(false);
  expect(refusal).toBeInstanceOf(CallRefused);
  expect(refusal).toMatchObject({
    status: 410,
    code: "OPERATION_RETIRED",
    message: "The operation Get was retired on 2027-03-30; there is a newer version of it.",
    details: { successor: "Get" },
    headers: { link: '</partner/v1/graphql/Get-2>; rel="successor-version"' },
  });
  expect(call(rows, "Other-2", { later: at(88) }).isRun).toBe(true);
});

test("the successor that an operator named is named to callers, and no word makes clients send the text", () => {
  const rows = [row("Get", "query Get { old }"), row("Fetch", "query Fetch { thing }")];
  const deprecations = [{ name: "Get", deprecatedAt: at(-1), sunsetAt: at(1), successor: "Fetch" }];
  expect(call(rows, "Get-2", { deprecations }).headers["link"]).toContain("</partner/v1/graphql/Fetch-2>");
  const { refusal } = call(rows, "Get-2", { deprecations, later: at(1) });
  expect(refusal).toMatchObject({
    message: "The operation Get was retired on 2027-01-02; call Fetch in its place.",
    details: { successor: "Fetch" },
  });
  expect(JSON.stringify([refusal, (refusal as Error).message])).not.toMatch(/PersistedQueryNot|PERSISTED_QUERY_NOT_/);
});
