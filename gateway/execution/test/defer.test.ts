import { federationLink } from "../../test/harness/compose";
import type { DeferredAnswer, Execution } from "../executor";
import { createInMemoryGraph } from "./in-memory-graph";

const MEDIA_LINK = federationLink('["@key", "@interfaceObject"]');
const LINK = federationLink('["@key"]');

/** Subgraphs whose answers a test holds back, by name. */
let gates = new Map<string, Promise<void>>();
const failing = new Set<string>();

const entity = (field: string) => ({
  sdl: `${LINK} type User @key(fields: "id") { id: ID! ${field}: String must${field}: String! }`,
  resolvers: {
    User: {
      __resolveReference: ({ id }: { id: string }) => ({
        id,
        [field]: `${field}${id}`,
        [`must${field}`]: failing.has(field) ? null : "m",
      }),
    },
  },
});

const graph = createInMemoryGraph(
  {
    people: {
      sdl: `${LINK} type Query { users: [User!]! me: User } type User @key(fields: "id") { id: ID! name: String friend: User }`,
      resolvers: {
        Query: { users: () => [{ id: "1" }, { id: "2" }], me: () => ({ id: "1" }) },
        User: { name: ({ id }: { id: string }) => `n${id}`, friend: ({ id }: { id: string }) => ({ id: `${id}0` }) },
      },
    },
    fast: entity("fast"),
    slow: entity("slow"),
  },
  async (reply, { subgraph }) => {
    await gates.get(subgraph);
    return reply;
  },
);

beforeEach(() => {
  gates = new Map();
  failing.clear();
});

const hold = (subgraph: string) => {
  let open!: () => void;
  gates.set(subgraph, new Promise((resolve) => (open = resolve)));
  return open;
};

const plain = ({ label, path, data, errors }: DeferredAnswer) => ({
  ...(label === undefined ? {} : { label }),
  path,
  data: JSON.parse(data) as unknown,
  ...(errors.length > 0 ? { errors: errors.map((error) => error.path) } : {}),
});

const partsOf = ({ parts }: Execution) => parts?.[Symbol.asyncIterator]();
const next = async (parts: ReturnType<typeof partsOf>) => {
  const step = await parts?.next();
  return step?.done === false ? step.value.map(plain) : undefined;
};

describe("deferred answers", () => {
  it("come in the order in which they are ready, not in that of the document", async () => {
    const open = hold("slow");
    const query = `{ me { name ... @defer(label: "s") { slow } ... @defer(label: "f") { fast } } }`;
    const answer = await graph.run(query, { acceptsParts: true });
    expect(answer.data).toBe('{"me":{"name":"n1"}}');
    const parts = partsOf(answer);
    expect(await next(parts)).toEqual([{ label: "f", path: ["me"], data: { fast: "fast1" } }]);
    open();
    expect(await next(parts)).toEqual([{ label: "s", path: ["me"], data: { slow: "slow1" } }]);
    expect(await next(parts)).toBeUndefined();
  });

  it("one fragment in a list is answered once for each element, together", async () => {
    const parts = partsOf(await graph.run("{ users { id ... @defer { fast } } }", { acceptsParts: true }));
    expect(await next(parts)).toEqual([
      { path: ["users", 0], data: { fast: "fast1" } },
      { path: ["users", 1], data: { fast: "fast2" } },
    ]);
    expect(await next(parts)).toBeUndefined();
  });

  it("a part inside of another comes after it, even when it is ready before", async () => {
    const open = hold("slow");
    const query = `{ users { id ... @defer(label: "outer") { slow friend { ... @defer(label: "inner") { fast } } } } }`;
    const parts = partsOf(await graph.run(query, { acceptsParts: true }));
    const first = next(parts);
    open();
    expect((await first)?.map(({ label, path, data }) => [label, path, data])).toEqual([
      ["outer", ["users", 0], { slow: "slow1", friend: {} }],
      ["outer", ["users", 1], { slow: "slow2", friend: {} }],
    ]);
    expect((await next(parts))?.map(({ label, path, data }) => [label, path, data])).toEqual([
      ["inner", ["users", 0, "friend"], { fast: "fast10" }],
      ["inner", ["users", 1, "friend"], { fast: "fast20" }],
    ]);
    expect(await next(parts)).toBeUndefined();
  });

  it("a null that climbs to the top of a part nulls that part alone", async () => {
    failing.add("slow");
    const query = `{ users { id ... @defer(label: "s") { mustslow } ... @defer(label: "f") { fast } } }`;
    const answer = await graph.run(query, { acceptsParts: true });
    expect(answer.data).toBe('{"users":[{"id":"1"},{"id":"2"}]}');
    const parts = partsOf(answer);
    const all = [...((await next(parts)) ?? []), ...((await next(parts)) ?? [])];
    expect(all).toHaveLength(4);
    expect(all.filter(({ label }) => label === "s")).toEqual([
      { label: "s", path: ["users", 0], data: null, errors: [["users", 0, "mustslow"]] },
      { label: "s", path: ["users", 1], data: null, errors: [["users", 1, "mustslow"]] },
    ]);
    expect(all.filter(({ label }) => label === "f").map(({ data }) => data)).toEqual([
      { fast: "fast1" },
      { fast: "fast2" },
    ]);
  });

  it("a part tells its errors itself, also when it is ready before the first answer", async () => {
    failing.add("slow");
    const open = hold("fast");
    graph.sent.splice(0);
    const running = graph.run("{ me { fast ... @defer { mustslow } } }", { acceptsParts: true });
    while (!graph.sent.some(({ subgraph }) => subgraph === "slow")) await new Promise(setImmediate);
    await new Promise(setImmediate);
    open();
    const answer = await running;
    expect(answer.errors).toEqual([]);
    expect(answer.data).toBe('{"me":{"fast":"fast1"}}');
    expect(await next(partsOf(answer))).toEqual([{ path: ["me"], data: null, errors: [["me", "mustslow"]] }]);
  });

  it("who does not take parts gets everything at once", async () => {
    const answer = await graph.run("{ me { name ... @defer { slow friend { ... @defer { fast } } } } }");
    expect(answer.parts).toBeUndefined();
    expect(JSON.parse(answer.data ?? "")).toEqual({ me: { name: "n1", slow: "slow1", friend: { fast: "fast10" } } });
  });

  it("may hold fields of the query itself, introspection included", async () => {
    const query = "{ ... @defer { me { name slow } __schema { queryType { name } } } }";
    const answer = await graph.run(query, { acceptsParts: true });
    expect(answer.data).toBe("{}");
    expect(await next(partsOf(answer))).toEqual([
      { path: [], data: { me: { name: "n1", slow: "slow1" }, __schema: { queryType: { name: "Query" } } } },
    ]);
  });

  it("what is deferred twice at one place is answered once", async () => {
    const answer = await graph.run("{ me { name ... @defer { ... @defer { fast } } } }", { acceptsParts: true });
    expect(answer.data).toBe('{"me":{"name":"n1"}}');
    const parts = partsOf(answer);
    const all = [...((await next(parts)) ?? []), ...((await next(parts)) ?? [])];
    expect(all.map(({ data }) => data)).toEqual([{}, { fast: "fast1" }]);
    expect(await next(parts)).toBeUndefined();
  });

  it("nothing comes later of what is null already", async () => {
    failing.add("fast");
    const answer = await graph.run("{ me { friend { ... @defer { slow } } mustfast } }", { acceptsParts: true });
    expect(answer.data).toBe('{"me":null}');
    expect(await next(partsOf(answer))).toBeUndefined();
  });

  it("the type of an object may be known no sooner than its part", async () => {
    const media = createInMemoryGraph({
      lists: {
        sdl: `${MEDIA_LINK} type Query { first: Media } type Media @key(fields: "id") @interfaceObject { id: ID! }`,
        resolvers: { Query: { first: () => ({ id: "2" }) } },
      },
      films: {
        sdl: `${MEDIA_LINK} interface Media @key(fields: "id") { id: ID! title: String }
          type Song implements Media @key(fields: "id") { id: ID! title: String }
          type Film implements Media @key(fields: "id") { id: ID! title: String }`,
        resolvers: {
          Media: { __resolveReference: ({ id }: { id: string }) => ({ __typename: "Film", id, title: "t2" }) },
        },
      },
    });
    const answer = await media.run("{ first { id ... on Media @defer { __typename title } } }", { acceptsParts: true });
    expect(answer.data).toBe('{"first":{"id":"2"}}');
    expect(await next(partsOf(answer))).toEqual([{ path: ["first"], data: { __typename: "Film", title: "t2" } }]);
  });

  it("a fragment that turns out to be for objects of another type is not answered", async () => {
    const media = createInMemoryGraph({
      lists: {
        sdl: `${MEDIA_LINK} type Query { all: [Media!] } type Media @key(fields: "id") @interfaceObject { id: ID! }`,
        resolvers: { Query: { all: () => [{ id: "1" }, { id: "2" }] } },
      },
      films: {
        sdl: `${MEDIA_LINK} interface Media @key(fields: "id") { id: ID! }
          type Song implements Media @key(fields: "id") { id: ID! }
          type Film implements Media @key(fields: "id") { id: ID! length: Int }`,
        resolvers: {
          Media: {
            __resolveReference: ({ id }: { id: string }) => ({ __typename: id === "1" ? "Song" : "Film", id }),
          },
          Film: { length: () => 90 },
        },
      },
    });
    const query = `{ all { id ... on Film { ... @defer(label: "film") { length } } } }`;
    const answer = await media.run(query, { acceptsParts: true });
    expect(answer.data).toBe('{"all":[{"id":"1"},{"id":"2"}]}');
    const parts = partsOf(answer);
    expect(await next(parts)).toEqual([{ label: "film", path: ["all", 1], data: { length: 90 } }]);
    expect(await next(parts)).toBeUndefined();
  });

  it("what the planner cannot put off is answered with the rest", async () => {
    const named = createInMemoryGraph({
      a: {
        sdl: `${LINK} type Query { things: [Thing] } union Thing = Shop interface Named { size: Int }
          type Shop implements Named @key(fields: "id", resolvable: false) { id: ID! size: Int }`,
        resolvers: { Query: { things: () => [{ __typename: "Shop", id: "1" }] } },
      },
      b: {
        sdl: `${LINK} interface Named { label: String } type Shop implements Named @key(fields: "id") { id: ID! label: String }`,
        resolvers: { Shop: { label: () => "here" } },
      },
    });
    const query = "{ things { ... on Shop { ...F @defer } } } fragment F on Thing { ... on Named { label } }";
    const answer = await named.run(query, { acceptsParts: true });
    expect([answer.data, answer.parts]).toEqual(['{"things":[{"label":"here"}]}', undefined]);
  });
});
