import { buildSnapshot } from "../build-snapshot";
import type { OperationRegistry } from "../operation-registry";
import type { Deprecation, RegistryRow } from "../registry-store";

const DAY = 86_400_000;
const NOW = Date.parse("2027-01-01T00:00:00Z");
const at = (days: number) => new Date(NOW + days * DAY);

/** A query in a version; its text differs by id, as texts do. */
function row(version: number, name: string, id: string, more: Partial<RegistryRow> = {}): RegistryRow {
  return {
    partner: "acme",
    version,
    state: "active",
    publishedAt: at(-100 + version),
    deprecatedAt: null,
    sunsetAt: null,
    retiredAt: null,
    id,
    name,
    type: "query",
    body: `query ${name} { ${id.replace(/\W/g, "_")} }`,
    restMethod: null,
    restPath: null,
    ...more,
  };
}
const deprecated = (sunset: number) => ({ state: "deprecated", deprecatedAt: at(-5), sunsetAt: at(sunset) }) as const;
const path = (restPath: string) => ({ restMethod: "GET", restPath });

function build(
  rows: readonly RegistryRow[],
  options: { deprecations?: readonly Deprecation[]; previous?: OperationRegistry } = {},
) {
  const damaged: string[] = [];
  const snapshot = buildSnapshot(
    {
      revision: "7",
      rows: [...rows].sort((a, b) => b.version - a.version),
      deprecations: (options.deprecations ?? []).map((one) => ({ ...one, partner: "acme" })),
    },
    {
      now: NOW,
      previous: options.previous,
      onDamaged: ({ name }, reason) => damaged.push(`${name}: ${reason}`),
    },
  );
  return { snapshot, damaged };
}

test("an operation is called by its id from the active version and from deprecated ones before their sunset", () => {
  const { snapshot } = build([
    row(3, "Get", "c"),
    row(2, "Get", "b", deprecated(10)),
    row(1, "Get", "a", { ...deprecated(-1), body: null }),
  ]);
  expect(snapshot.find("acme", "c")).toMatchObject({ state: "active", sunset: undefined, deprecatedAt: undefined });
  expect(snapshot.find("acme", "b")).toMatchObject({
    state: "deprecated",
    sunset: at(10),
    deprecatedAt: at(-5),
    successor: "Get",
  });
  expect(snapshot.find("acme", "a")).toBeUndefined();
  expect(snapshot.retiredOf("acme")).toMatchObject([{ id: "a", name: "Get", retiredAt: at(-1), successor: "Get" }]);
  expect(snapshot.find("globex", "c")).toBeUndefined();
});

test("what the active version holds too is not deprecated; of deprecated versions the one that lasts longest counts", () => {
  const { snapshot } = build([
    row(4, "Stays", "s"),
    row(3, "Stays", "s", deprecated(3)),
    row(3, "Goes", "g", deprecated(3)),
    row(2, "Goes", "g", deprecated(30)),
    row(1, "Goes", "g", deprecated(20)),
  ]);
  expect(snapshot.find("acme", "s")?.state).toBe("active");
  expect(snapshot.find("acme", "g")).toMatchObject({ state: "deprecated", sunset: at(30), successor: undefined });
  expect(snapshot.until).toBe(Number(at(30)));
});

test("names and paths belong to the active version, then to the newest of the deprecated ones that leave them free", () => {
  const { snapshot } = build([
    row(3, "Get", "c", path("/things/{id}")),
    row(2, "Get", "b", { ...deprecated(10), ...path("/old-things/{id}") }),
    row(2, "List", "l2", { ...deprecated(10), ...path("/lists") }),
    row(1, "List", "l1", { ...deprecated(20), ...path("/lists") }),
    row(1, "Other", "o", { ...deprecated(20), ...path("/things/{key}") }),
    row(1, "Plain", "p", deprecated(20)),
  ]);
  expect(snapshot.ofPartner("acme").map(({ name, id, rest }) => [name, id, rest?.path])).toEqual([
    ["Get", "c", "/things/{id}"],
    ["List", "l2", "/lists"],
    // Another path would lead to it, but for the variable's name.
    ["Other", "o", undefined],
    ["Plain", "p", "/ops/Plain"],
  ]);
  expect(snapshot.named("acme", "Get")?.id).toBe("c");
  // By its id it is there all the same, and by its path where that is free.
  expect(snapshot.find("acme", "l1")).toMatchObject({ name: "List", rest: undefined });
  expect(snapshot.find("acme", "b")).toMatchObject({ name: "Get", rest: { path: "/old-things/{id}" } });
  expect(snapshot.withPaths("acme").map(({ id }) => id)).toEqual(["c", "l2", "p", "b"]);
});

test("an operation that is deprecated by itself goes at its own time, in whatever version it is", () => {
  const deprecations = [
    { name: "Soon", deprecatedAt: at(-2), sunsetAt: at(5), successor: "Next" },
    { name: "Past", deprecatedAt: at(-20), sunsetAt: at(-1), successor: null },
  ];
  const { snapshot } = build(
    [
      row(2, "Soon", "s2"),
      row(2, "Next", "n"),
      row(2, "Past", "p"),
      row(1, "Soon", "s1", deprecated(2)),
      row(1, "Past", "p", deprecated(40)),
    ],
    { deprecations },
  );
  expect(snapshot.find("acme", "s2")).toMatchObject({ state: "deprecated", sunset: at(5), successor: "Next" });
  expect(snapshot.find("acme", "s1")).toMatchObject({ sunset: at(2), deprecatedAt: at(-5), successor: "Next" });
  expect(snapshot.find("acme", "p")).toBeUndefined();
  expect(snapshot.named("acme", "Past")).toBeUndefined();
  expect(snapshot.retiredOf("acme")).toMatchObject([{ name: "Past", retiredAt: at(-1), successor: undefined }]);
  expect(snapshot.until).toBe(Number(at(2)));
});

test("rows that cannot be used are left out and told, and everything else is served", () => {
  const { snapshot, damaged } = build([
    row(1, "Good", "good"),
    row(1, "NoText", "a", { body: null }),
    row(1, "NoGraphql", "b", { body: "query {" }),
    row(1, "Renamed", "c", { body: "query Other { a }" }),
    row(1, "Retyped", "d", { type: "mutation" }),
    row(1, "Untyped", "e", { type: "command" }),
    row(1, "Two", "f", { body: "query Two { a } query Three { a }" }),
    row(1, "Lost", "g", path("no path")),
    row(1, "Odd", "h", { restMethod: "BREW", restPath: "/coffee" }),
  ]);
  expect(snapshot.ofPartner("acme").map(({ name }) => name)).toEqual(["Good"]);
  expect(damaged.map((line) => line.split(":")[0]).sort()).toEqual(
    ["Lost", "NoGraphql", "NoText", "Odd", "Renamed", "Retyped", "Two", "Untyped"].sort(),
  );
});

test("a name that a damaged operation of the active version had goes to the deprecated one that still can be called", () => {
  const { snapshot } = build([row(2, "Get", "new", { body: "nonsense" }), row(1, "Get", "old", deprecated(9))]);
  expect(snapshot.named("acme", "Get")?.id).toBe("old");
});

test("operations that did not change are the same objects in the next snapshot", () => {
  const { snapshot: first } = build([row(1, "Same", "s"), row(1, "Changes", "c")]);
  const { snapshot: second } = build(
    [row(1, "Same", "s"), row(1, "Changes", "c", { state: "deprecated", deprecatedAt: at(0), sunsetAt: at(1) })],
    { previous: first },
  );
  expect(second.find("acme", "s")).toBe(first.find("acme", "s"));
  expect(second.find("acme", "c")).not.toBe(first.find("acme", "c"));
  expect(second.find("acme", "c")).toMatchObject({ state: "deprecated" });
});
