import { federationLink } from "../../test/harness/compose";
import { printPlan } from "../plan/print-plan";
import { type FetchGraph, readFetchGraph } from "../plan/fetch-graph";
import { createCalls } from "../plan/subgraph-call";
import { createInMemoryGraph } from "./in-memory-graph";

const LINK = federationLink('["@key", "@external", "@requires"]');
const user = (id: string) => ({ __typename: "User", id });

const graph = createInMemoryGraph({
  people: {
    sdl: `${LINK} type Query { me: User users: [User!]! } type Mutation { first: User second: User }
      type User @key(fields: "id") { id: ID! name: String boss: User }`,
    resolvers: {
      Query: { me: () => user("1"), users: () => ["1", "2", "1"].map(user) },
      Mutation: { first: () => user("3"), second: () => user("4") },
      User: { boss: () => user("2"), name: ({ id }: { id: string }) => `n${id}` },
    },
  },
  details: {
    sdl: `${LINK} type Mutation { other: Int } type User @key(fields: "id") { id: ID! nick: String age: Int }`,
    resolvers: {
      Mutation: { other: () => 7 },
      User: { __resolveReference: ({ id }: { id: string }) => ({ id, nick: `k${id}`, age: Number(id) }) },
    },
  },
  prices: {
    sdl: `${LINK} type User @key(fields: "id") { id: ID! age: Int @external discount(of: Int): Int @requires(fields: "age") }`,
    resolvers: {
      User: {
        __resolveReference: (given: object) => given,
        discount: ({ age }: { age: number }, { of = 1 }: { of?: number }) => age * 10 * of,
      },
    },
  },
});
beforeEach(() => void graph.sent.splice(0));

const planOf = async (query: string) => {
  const { plan } = await graph.prepare(query);
  if (!plan) throw new Error("the executor keeps its plan to itself");
  return plan;
};

describe("a plan as a graph of fetches", () => {
  it("knows of each fetch what has ended before it", async () => {
    const { fetches } = readFetchGraph(await planOf("{ me { name discount } }"));
    const before = fetches.map(({ service, known }) => [service, [...known].map((other) => other.service)]);
    expect(before).toEqual([
      ["people", []],
      ["details", ["people"]],
      ["prices", ["people", "details"]],
    ]);
    expect(fetches.map(({ path }) => path)).toEqual([[], ["me"], ["me"]]);
  });

  const fetchOf = (serviceName: string, operation: string, more: object = {}) =>
    ({ kind: "Fetch", serviceName, operationKind: "query", operation, ...more }) as never;
  const entities = (field: string) => `{ _entities(representations: []) { ... on User { ${field} } } }`;
  const flat = (path: string[], node: never) => ({ kind: "Flatten" as const, path, node });
  const namesOf = ({ fetches }: FetchGraph) =>
    fetches.map(({ service, index, known }) => [service, index, [...known].map((one) => one.service).sort()]);

  it("a fetch waits for the value of a context that the planner asks for beside it", () => {
    const contextRewrites = [{ kind: "KeyRenamer", path: ["..", "... on User", "age"], renameKeyTo: "told" }];
    const graphOf = readFetchGraph({
      kind: "QueryPlan",
      node: {
        kind: "Sequence",
        nodes: [
          fetchOf("people", "{ me { id boss { id } } }"),
          {
            kind: "Parallel",
            nodes: [
              flat(["me", "boss"], fetchOf("prices", entities("discount"), { requires: [], contextRewrites })),
              flat(["me"], fetchOf("details", entities("age"), { requires: [] })),
            ],
          },
        ],
      },
    });
    expect(namesOf(graphOf)).toEqual([
      ["people", 0, []],
      ["details", 1, ["people"]],
      ["prices", 2, ["details", "people"]],
    ]);
  });

  it("a fetch waits for what it requires when the planner asks for that beside it", () => {
    const field = (name: string, alias?: string) => ({ kind: "Field", name, ...(alias ? { alias } : {}) });
    const requires = [
      { kind: "InlineFragment", typeCondition: "User", selections: [field("id"), field("age", "age_0")] },
    ];
    const graphOf = readFetchGraph({
      kind: "QueryPlan",
      node: {
        kind: "Sequence",
        nodes: [
          fetchOf("people", "{ me { id } }"),
          {
            kind: "Parallel",
            nodes: [
              flat(["me"], fetchOf("prices", entities("discount"), { requires })),
              flat(["me"], fetchOf("other", entities("id age"), { requires: [] })),
              flat(["me"], fetchOf("details", entities("age_0: age"), { requires: [] })),
            ],
          },
        ],
      },
    });
    expect(namesOf(graphOf)).toEqual([
      ["people", 0, []],
      ["other", 1, ["people"]],
      ["details", 2, ["people"]],
      ["prices", 3, ["details", "people"]],
    ]);
  });

  it("what a fetch requires is asked before it when the planner asks for that after it", () => {
    const requiring = (...names: string[]) => {
      const selections = names.map((name) => ({ kind: "Field", name }));
      return { requires: [{ kind: "InlineFragment", typeCondition: "User", selections }] };
    };
    const graphOf = readFetchGraph({
      kind: "QueryPlan",
      node: {
        kind: "Sequence",
        nodes: [
          fetchOf("people", "{ me { id } }"),
          flat(["me"], fetchOf("prices", entities("discount"), requiring("id", "age"))),
          flat(["me"], fetchOf("other", entities("born"), requiring("id"))),
          flat(["me"], fetchOf("details", entities("age"), requiring("id", "born"))),
          flat(["me"], fetchOf("last", entities("rebate"), requiring("id", "discount"))),
        ],
      },
    });
    expect(namesOf(graphOf)).toEqual([
      ["people", 0, []],
      ["other", 1, ["people"]],
      ["details", 2, ["other", "people"]],
      ["prices", 3, ["details", "other", "people"]],
      ["last", 4, ["details", "other", "people", "prices"]],
    ]);
  });

  it("a circle of fetches stays as it was planned", () => {
    const requires = (name: string) => [
      { kind: "InlineFragment", typeCondition: "User", selections: [{ kind: "Field", name }] },
    ];
    const graphOf = readFetchGraph({
      kind: "QueryPlan",
      node: {
        kind: "Sequence",
        nodes: [
          fetchOf("people", "{ me { id } }"),
          flat(["me"], fetchOf("prices", entities("discount"), { requires: requires("age") })),
          flat(["me"], fetchOf("details", entities("age"), { requires: requires("discount") })),
        ],
      },
    });
    expect(namesOf(graphOf)).toEqual([
      ["people", 0, []],
      ["prices", 1, ["people"]],
      ["details", 2, ["people", "prices"]],
    ]);
  });

  it("lists on the way are part of the path", async () => {
    const { fetches } = readFetchGraph(await planOf("{ users { boss { nick } } }"));
    expect(fetches.map(({ path }) => path)).toEqual([[], ["users", "@", "boss"]]);
  });
});

describe("calls", () => {
  it("fetches of one level to one subgraph travel together", async () => {
    const { data } = await graph.run("{ me { nick boss { age } } }");
    expect(JSON.parse(data ?? "")).toEqual({ me: { nick: "k1", boss: { age: 2 } } });
    expect(graph.sent.map(({ subgraph }) => subgraph)).toEqual(["people", "details"]);
    const lists = Object.values(graph.sent[1]?.variables ?? {});
    expect(lists).toEqual(expect.arrayContaining([[user("1")], [user("2")]]));
  });

  it("what asks the same travels in one list, each entity once", async () => {
    const { data } = await graph.run("{ users { nick boss { nick } } }");
    expect(JSON.parse(data ?? "")).toEqual({
      users: ["k1", "k2", "k1"].map((nick) => ({ nick, boss: { nick: "k2" } })),
    });
    expect(graph.sent).toHaveLength(2);
    expect(graph.sent[1]?.variables).toEqual({ representations: [user("1"), user("2")] });
  });

  it("what nobody waits for is put off to a later level of the same subgraph", async () => {
    const calls = createCalls(readFetchGraph(await planOf("{ me { nick boss { discount } } }")).fetches);
    expect(calls.map(({ service }) => service)).toEqual(["people", "details", "prices"]);
    expect(calls.map(({ after }) => after)).toEqual([[], [0], expect.arrayContaining([0, 1])]);
  });

  it("a mutation waits for the one before it in the document, whatever subgraph it is of", async () => {
    const { data } = await graph.run("mutation { other first { id } second { id } }");
    expect(JSON.parse(data ?? "")).toEqual({ other: 7, first: { id: "3" }, second: { id: "4" } });
    expect(graph.sent.map(({ subgraph }) => subgraph)).toEqual(["details", "people"]);
    const reversed = await planOf("mutation { first { id } other }");
    const calls = createCalls(readFetchGraph(reversed).fetches);
    expect(calls.map(({ service, kind, after }) => [service, kind, after])).toEqual([
      ["people", "mutation", []],
      ["details", "mutation", [0]],
    ]);
  });

  it("variables travel only with the calls that use them, absent ones not at all", async () => {
    const query = "query ($of: Int, $unset: Int) { me { name a: discount(of: $of) b: discount(of: $unset) } }";
    const { data } = await graph.run(query, { variables: { of: 3 } });
    expect(JSON.parse(data ?? "")).toEqual({ me: { name: "n1", a: 30, b: 10 } });
    const names = graph.sent.map(({ variables }) =>
      Object.keys(variables).filter((name) => name !== "representations"),
    );
    expect(names).toEqual([[], [], ["of"]]);
  });

  it("nothing is asked where there is no entity", async () => {
    const nobody = createInMemoryGraph({
      people: {
        sdl: `${LINK} type Query { me: User } type User @key(fields: "id") { id: ID! }`,
        resolvers: { Query: { me: () => null } },
      },
      details: { sdl: `${LINK} type User @key(fields: "id") { id: ID! nick: String! }`, resolvers: {} },
    });
    expect(await nobody.run("{ me { nick } }")).toMatchObject({ data: '{"me":null}', errors: [] });
    expect(nobody.sent.map(({ subgraph }) => subgraph)).toEqual(["people"]);
  });
});

describe("a plan as text", () => {
  it("shows nesting, places, requirements and what is asked", async () => {
    expect(printPlan(await planOf("{ users { discount } }"))).toMatchInlineSnapshot(`
      "QueryPlan {
        Sequence {
          Fetch(service: "people") {
            {
              users {
                __typename
                id
              }
            },
          },
          Flatten(path: "users.@") {
            Fetch(service: "details") {
              {
                ... on User {
                  __typename
                  id
                }
              } =>
              {
                ... on User {
                  age
                }
              },
            },
          },
          Flatten(path: "users.@") {
            Fetch(service: "prices") {
              {
                ... on User {
                  __typename
                  age
                  id
                }
              } =>
              {
                ... on User {
                  discount
                }
              },
            },
          },
        }
      }"
    `);
  });

  it("of deferred parts", async () => {
    const text = printPlan(await planOf("{ me { name ... @defer { nick } } }"));
    expect(text.split("\n").map((line) => line.trim())).toEqual(
      expect.arrayContaining(["Defer {", "Primary {", 'Deferred(path: "me") {', 'Flatten(path: "me") {']),
    );
  });
});
