import { GraphQLError } from "graphql";
import { federationLink } from "../../test/harness/compose";
import type { SubgraphReply } from "../../upstream/upstreams";
import { createInMemoryGraph, type SentCall } from "./in-memory-graph";

const LINK = federationLink('["@key"]');
const subgraphs = {
  products: {
    sdl: `${LINK} type Query { product(id: ID!): Product } type Product @key(fields: "id") { id: ID! name: String }`,
    resolvers: { Query: { product: (_: unknown, { id }: { id: string }) => ({ id, name: `product ${id}` }) } },
  },
  stock: {
    sdl: `${LINK} type Product @key(fields: "id") { id: ID! left: Int }`,
    resolvers: { Product: { __resolveReference: ({ id }: { id: string }) => ({ id, left: Number(id) }) } },
  },
};

const QUERY = "query ($id: ID!) { product(id: $id) { name left } }";
const one = { data: '{"product":{"name":"product 1","left":1}}', errors: [] };

/** Answers equal calls with the same reply, as sharing does. @param change the last word on each reply */
function createSharingGraph(change: (reply: SubgraphReply, call: SentCall) => SubgraphReply = (reply) => reply) {
  const known = new Map<string, SubgraphReply>();
  return createInMemoryGraph(subgraphs, (reply, call) => {
    const key = JSON.stringify(call);
    const shared = known.get(key) ?? change({ ...reply, isAscii: true, isShared: true }, call);
    known.set(key, shared);
    return shared;
  });
}

const context = { requestId: "r", traceparent: "t", viewer: undefined };

describe("executions that share every answer of a subgraph", () => {
  it("get one answer, written once", async () => {
    const operation = await createSharingGraph().prepare(QUERY, { id: "1" });
    const run = () => operation.execute({ variables: { id: "1" }, context });
    const [first, second] = await Promise.all([run(), run()]);
    expect(first).toMatchObject({ ...one, isShared: true });
    expect(second).toBe(first);
  });

  it("get answers of their own where any of them differs, first or last", async () => {
    let left = 0;
    const graph = createSharingGraph();
    const operation = await graph.prepare(QUERY, { id: "1" });
    const run = (id: string) => operation.execute({ variables: { id }, context });
    const texts = (await Promise.all(["1", "2", "1"].map(run))).map(({ data }) => data);
    expect(texts).toEqual([one.data, one.data.replaceAll("1", "2"), one.data]);

    const halfShared = createInMemoryGraph(subgraphs, (reply, { subgraph }) =>
      subgraph === "stock"
        ? { ...reply, data: { _entities: [{ __typename: "Product", left: ++left }] }, isAscii: true, isShared: true }
        : { ...reply, isAscii: true, isShared: true },
    );
    const other = await halfShared.prepare(QUERY, { id: "1" });
    const both = await Promise.all([1, 2].map(() => other.execute({ variables: { id: "1" }, context })));
    expect(both.map(({ data }) => data)).toEqual([one.data, one.data.replace('"left":1', '"left":2')]);
  });

  it("have nothing of an earlier turn of the event loop", async () => {
    const operation = await createSharingGraph().prepare(QUERY, { id: "1" });
    const run = () => operation.execute({ variables: { id: "1" }, context });
    const first = await run();
    await new Promise(setImmediate);
    const second = await run();
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
  });

  it("get what introspection says for their own variables", async () => {
    const query = "query ($id: ID!, $type: String!) { product(id: $id) { name } __type(name: $type) { kind name } }";
    const operation = await createSharingGraph().prepare(query, { id: "1", type: "" });
    const run = (type: string) => operation.execute({ variables: { id: "1", type }, context });
    const answers = await Promise.all(["Product", "Int"].map(run));
    expect(answers.map(({ data }) => JSON.parse(data ?? "").__type)).toEqual([
      { kind: "OBJECT", name: "Product" },
      { kind: "SCALAR", name: "Int" },
    ]);
  });

  it("each have their own errors", async () => {
    const graph = createSharingGraph((reply, { subgraph }) =>
      subgraph === "stock"
        ? { ...reply, errors: [new GraphQLError("e", { extensions: { code: "CONFLICT" } })] }
        : reply,
    );
    const operation = await graph.prepare(QUERY, { id: "1" });
    const run = () => operation.execute({ variables: { id: "1" }, context });
    const [first, second] = await Promise.all([run(), run()]);
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
    expect(first?.errors.map(({ message }) => message)).toEqual(["e"]);
  });
});
