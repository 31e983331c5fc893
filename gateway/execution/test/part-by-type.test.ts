import { GraphQLError } from "graphql";
import { federationLink } from "../../test/harness/compose";
import { createInMemoryGraph } from "./in-memory-graph";

const LINK = federationLink('["@key", "@external", "@requires", "@interfaceObject"]');
const ref = (typename: string, id: string) => ({ __typename: typename, id });
const fail = (message: string) => () => {
  throw new GraphQLError(message);
};

/** Nobody's rank can be told: it is never null, so whoever is asked for it is lost. */
const graph = createInMemoryGraph({
  catalogue: {
    sdl: `${LINK}
      type Query { media: [Media] shelves: [[Shelf]] film: Film }
      interface Shelf { best: Media }
      type Wall implements Shelf { best: Media }
      type Box implements Shelf { best: Media }
      interface Media @key(fields: "id") { id: ID! maker: Maker crew: [[Maker]] }
      type Film implements Media @key(fields: "id") { id: ID! maker: Maker crew: [[Maker]] }
      type Song implements Media @key(fields: "id") { id: ID! maker: Maker crew: [[Maker]] }
      type Play implements Media @key(fields: "id") { id: ID! maker: Maker crew: [[Maker]] }
      type Maker @key(fields: "id") { id: ID! }`,
    resolvers: {
      Query: {
        media: () => [ref("Film", "f"), ref("Song", "s"), ref("Play", "p")],
        film: () => ref("Film", "f"),
        shelves: () => [
          [
            { __typename: "Wall", best: ref("Film", "f") },
            { __typename: "Box", best: ref("Film", "f") },
          ],
        ],
      },
      ...Object.fromEntries(
        ["Film", "Song", "Play"].map((type) => [
          type,
          { maker: () => ref("Maker", "m"), crew: () => [[ref("Maker", "m"), null], [ref("Maker", "n")]] },
        ]),
      ),
    },
  },
  people: {
    sdl: `${LINK} type Maker @key(fields: "id") { id: ID! name: String rank: Int! code: Int! friend: Maker }`,
    resolvers: {
      Maker: {
        __resolveReference: (given: object) => given,
        name: ({ id }: { id: string }) => `name of ${id}`,
        code: () => 7,
        rank: fail("no rank"),
        friend: () => ref("Maker", "friend"),
      },
    },
  },
  sales: {
    sdl: `${LINK}
      type Media @key(fields: "id") @interfaceObject { id: ID! price: Int stock: Int! offer: Offer! }
      type Offer { cheap: Int dear: Int! }`,
    resolvers: {
      Media: {
        __resolveReference: (given: object) => given,
        price: () => 5,
        stock: fail("no stock"),
        offer: () => ({ cheap: 1 }),
      },
      Offer: { dear: fail("not dear") },
    },
  },
  charts: {
    sdl: `${LINK}
      type Song @key(fields: "id") { id: ID! maker: Maker @external hit: String @requires(fields: "maker { name }") }
      type Maker @key(fields: "id") { id: ID! name: String @external }`,
    resolvers: {
      Song: {
        __resolveReference: (given: object) => given,
        hit: ({ maker }: { maker?: { name?: string } }) => `hit by ${maker?.name}`,
      },
    },
  },
});
beforeEach(() => void graph.sent.splice(0));

const answer = async (query: string) => {
  const { data, errors } = await graph.run(query);
  return {
    data: JSON.parse(data ?? "null") as unknown,
    errors: errors.map(({ message, path }) => `${message} at ${path?.join(".")}`),
  };
};

const partsOf = async (query: string): Promise<readonly string[]> => {
  const { plan } = await graph.prepare(query);
  return [...JSON.stringify(plan).matchAll(/"path":(\[[^\]]*?\|.*?\]"[^\]]*\])/g)].map(([, path]) =>
    (JSON.parse(path ?? "[]") as string[]).join("."),
  );
};

describe("what only objects of one type are asked for", () => {
  it("fails for them alone", async () => {
    const { data, errors } = await answer(
      "{ media { ... on Film { maker { name } } ... on Song { maker { rank } } } }",
    );
    expect(data).toEqual({ media: [{ maker: { name: "name of m" } }, { maker: null }, {}] });
    expect(errors).toEqual(["no rank at media.1.maker.rank"]);
  });

  it("is asked for in the same request as the rest", async () => {
    await answer("{ media { ... on Film { maker { name } } ... on Song { maker { rank } } } }");
    expect(graph.sent.map(({ subgraph }) => subgraph)).toEqual(["catalogue", "people"]);
    expect(graph.sent[1]?.variables).toEqual({ r0: [ref("Maker", "m")], r1: [ref("Maker", "m")] });
  });

  it("does not take from others what all are asked for", async () => {
    const { data, errors } = await answer(
      "{ media { ... on Media { maker { name } } ... on Song { maker { rank } } } }",
    );
    const maker = { name: "name of m" };
    expect(data).toEqual({ media: [{ maker }, { maker: null }, { maker }] });
    expect(errors).toEqual(["no rank at media.1.maker.rank"]);
  });

  it("is kept apart in lists of lists, through named fragments and further down", async () => {
    const { data, errors } = await answer(
      `{ media { ...F ... on Song { ...S } } }
       fragment F on Film { crew { friend { name } } }
       fragment S on Media { ... on Media { crew { friend { rank } } } }`,
    );
    const friend = { name: "name of friend" };
    expect(data).toEqual({
      media: [
        {
          crew: [[{ friend }, null], [{ friend }]],
        },
        {
          crew: [[{ friend: null }, null], [{ friend: null }]],
        },
        {},
      ],
    });
    expect(errors).toHaveLength(2);
  });

  it("is kept apart by types further up, for one and the same object", async () => {
    const { data, errors } = await answer(
      "{ shelves { ... on Wall { best { maker { name } } } ... on Box { best { maker { name rank } } } } }",
    );
    expect(data).toEqual({ shelves: [[{ best: { maker: { name: "name of m" } } }, { best: { maker: null } }]] });
    expect(errors).toEqual(["no rank at shelves.0.1.best.maker.rank"]);
  });

  it("is kept apart where it is deferred", async () => {
    const { data, parts } = await graph.run(
      "{ media { ... @defer { ... on Film { maker { name } } ... on Song { maker { rank } } } } }",
      { acceptsParts: true },
    );
    expect(JSON.parse(data ?? "")).toEqual({ media: [{}, {}, {}] });
    const answers: string[] = [];
    for await (const some of parts ?? []) answers.push(...some.map((part) => `${part.path.join(".")} ${part.data}`));
    expect(answers.sort()).toEqual(['media.0 {"maker":{"name":"name of m"}}', 'media.1 {"maker":null}', "media.2 {}"]);
  });

  it("may be decided by variables", async () => {
    const query =
      "query ($all: Boolean!) { media { ... on Film { maker { name rank @include(if: $all) } } ... on Song { maker { rank } } } }";
    const run = async (all: boolean) => (await graph.run(query, { variables: { all } })).data;
    expect(await run(false)).toBe('{"media":[{"maker":{"name":"name of m"}},{"maker":null},{}]}');
    expect(await run(true)).toBe('{"media":[{"maker":null},{"maker":null},{}]}');
  });
});

describe("a subgraph that knows films and songs as one interface object", () => {
  it("is asked of each what the client asks", async () => {
    const { data, errors } = await answer("{ media { ... on Film { price } ... on Song { price stock } } }");
    expect(data).toEqual({ media: [{ price: 5 }, null, {}] });
    expect(errors).toEqual(["no stock at media.1.stock"]);
  });

  it("is asked of each what the client asks of something in them", async () => {
    const { data, errors } = await answer(
      "{ media { ... on Film { offer { cheap } } ... on Song { offer { dear } } ... on Play { price } } }",
    );
    expect(data).toEqual({ media: [{ offer: { cheap: 1 } }, null, { price: 5 }] });
    expect(errors).toEqual(["not dear at media.1.offer.dear"]);
  });
});

it("what a computed field requires is asked for although the client asks something else of others", async () => {
  const { data } = await answer(
    "{ media { ... on Film { maker { rank } } ... on Song { hit } ... on Play { maker { code } } } }",
  );
  expect(data).toEqual({ media: [{ maker: null }, { hit: "hit by name of m" }, { maker: { code: 7 } }] });
});

describe("a fetch stays in one piece", () => {
  it.each([
    ["the same is asked of all", "{ media { ... on Film { maker { rank } } ... on Song { maker { rank } } } }"],
    ["it is asked for one type only", "{ media { ... on Film { maker { rank } } ... on Song { id } } }"],
    [
      "what differs may be null",
      "{ media { ... on Film { maker { name } } ... on Song { maker { friend { id } } } } }",
    ],
    ["what differs is a key", "{ media { ... on Film { maker { name } } ... on Song { maker { id } } } }"],
    [
      "an object that may be null lies between",
      "{ media { ... on Film { maker { name } } ... on Song { maker { friend { __typename id } } } } }",
    ],
    ["nothing else can be there", "{ film { ... on Media { maker { name } ... on Maker { rank } } } }"],
    ["the types have fetches of their own", "{ media { ... on Song { hit } ... on Film { price } } }"],
  ])("where %s", async (_why, query) => {
    expect(await partsOf(query)).toEqual([]);
  });

  it("otherwise its parts say of which types the objects are", async () => {
    const query =
      "{ media { ... on Film { maker { name } } ... on Song { maker { rank } } ... on Play { maker { name } } } }";
    expect(await partsOf(query)).toEqual(["media.@|[Film,Play].maker", "media.@|[Song].maker"]);
  });

  it.each([
    [12, 12],
    [13, 0],
  ])("of %i types that are asked for something else each it has %i parts", async (count, parts) => {
    const kinds = Array.from({ length: count }, (_, i) => i);
    const crowd = createInMemoryGraph({
      catalogue: {
        sdl: `${LINK} type Query { media: Media } interface Media { maker: Maker } type Maker @key(fields: "id") { id: ID! }
          ${kinds.map((i) => `type T${i} implements Media { maker: Maker }`).join(" ")}`,
        resolvers: {},
      },
      people: {
        sdl: `${LINK} type Maker @key(fields: "id") { id: ID! ${kinds.map((i) => `r${i}: Int!`).join(" ")} }`,
        resolvers: {},
      },
    });
    const { plan } = await crowd.prepare(
      `{ media { ${kinds.map((i) => `... on T${i} { maker { r${i} } }`).join(" ")} } }`,
    );
    expect(JSON.stringify(plan).match(/\|\[/g) ?? []).toHaveLength(parts);
  });
});
