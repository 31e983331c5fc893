import type { Identity } from "../../kit/viewer";
import { federationLink } from "./harness/compose";
import { type GuardedGraph, serveGuardedGraph } from "./harness/guarded-graph";

/**
 * Ways around access rules that were published for other gateways, by class. In each the secret must neither be answered nor even be
 * asked of a subgraph.
 */
const SECRET = "s3cret";

const someone = (...scopes: string[]): Identity => ({ kind: "user", subject: "u1", roles: [], scopes });

const staff = { __typename: "Staff", id: "s1", name: "Sam", salary: SECRET, bonus: SECRET };
const customer = { __typename: "Customer", id: "c1", name: "Casey", card: SECRET };
const vault = { __typename: "Vault", id: "v1", content: SECRET };

const people = {
  sdl: `${federationLink('["@key", {name: "@authenticated", as: "@loggedIn"}, {name: "@requiresScopes", as: "@needs"}, "@policy"]')}
    type Query {
      person(id: ID!): Person
      people: [Person!]!
      found: [Found]
      foundOrNothing: [Found!]
      customer: Customer
      vault: Vault
      token: Token
      mood: Mood
      named: Named
      audited: String @policy(policies: [["auditor"]])
    }
    type Mutation { burn: String @loggedIn  greet: String  customer: Customer }
    interface Named { name: String }
    interface Person implements Named { id: ID! name: String }
    type Staff implements Person & Named @key(fields: "id") { id: ID! name: String salary: String @needs(scopes: [["hr", "read"], ["boss"]]) bonus: String @needs(scopes: [["boss"], ["read", "hr"]]) boss: Staff }
    type Customer implements Person & Named @key(fields: "id") {
      id: ID! name: String card: String @loggedIn friend: Customer secretName: String! @loggedIn friends: [Customer!]
    }
    type Vault implements Named @key(fields: "id") @loggedIn { id: ID! name: String content: String }
    union Found = Staff | Customer | Vault
    scalar Token @loggedIn
    enum Mood @loggedIn { CALM WILD }
  `,
  resolvers: {
    Query: {
      person: (_: unknown, { id }: { id: string }) => (id === "s1" ? staff : customer),
      people: () => [staff, customer],
      found: () => [staff, customer, vault],
      foundOrNothing: () => [customer, vault],
      customer: () => customer,
      vault: () => vault,
      token: () => SECRET,
      mood: () => "WILD",
      named: () => ({ ...vault, name: "the vault" }),
      audited: () => SECRET,
    },
    Mutation: { burn: () => SECRET, greet: () => "hello", customer: () => customer },
    Customer: { friend: () => customer, friends: () => [customer, customer], secretName: () => SECRET },
    Staff: { boss: () => staff },
  },
};

describe("access rules cannot be bypassed", () => {
  let graph: GuardedGraph;

  beforeAll(async () => {
    graph = await serveGuardedGraph({ subgraphs: { people } });
  });
  afterAll(() => graph.close());
  beforeEach(() => void graph.takeSent());

  const expectClosed = (text: string, field: string) => {
    expect(text).not.toContain(SECRET);
    expect(graph.takeSent()).not.toContain(field);
  };

  const UNAUTHENTICATED = (...path: string[]) =>
    expect.objectContaining({ path, extensions: { code: "UNAUTHENTICATED" } });
  const FORBIDDEN = (...path: string[]) => expect.objectContaining({ path, extensions: { code: "FORBIDDEN" } });

  it("composes with the renamed directives, so that the suite tests what it says", () => {
    expect(graph.supergraphSdl).toContain("@loggedIn");
    expect(graph.supergraphSdl).not.toMatch(/@authenticated\b(?!")/);
  });

  describe("by polymorphic types (GHSA-x33c-7c2v-mrj9)", () => {
    it.each([
      ["an inline fragment", "{ person(id: 1) { name ... on Customer { card } } }"],
      ["a named fragment", "{ person(id: 1) { name ...F } } fragment F on Customer { card }"],
      [
        "nested fragments",
        "{ person(id: 1) { name ...F } } fragment F on Person { ... on Named { ...G } } fragment G on Customer { card }",
      ],
      ["a fragment without a type", "{ person(id: 1) { name ... on Customer { ... { card } } } }"],
    ])("a protected field of an implementation is refused through %s", async (_way, query) => {
      const answer = await graph.ask(query);
      expect(answer.data).toEqual({ person: { name: "Casey", card: null } });
      expect(answer.errors).toEqual([UNAUTHENTICATED("person", "card")]);
      expectClosed(JSON.stringify(answer), "card");
    });

    it("an object of a protected type is not shown through a union, not even by its type name", async () => {
      const answer = await graph.ask("{ found { __typename } }");
      expect(answer.data).toEqual({ found: [{ __typename: "Staff" }, { __typename: "Customer" }, null] });
      expect(answer.errors).toEqual([UNAUTHENTICATED("found")]);
    });

    it("a hidden object in a list that may not hold null makes the list null", async () => {
      const answer = await graph.ask("{ foundOrNothing { ... on Customer { id } ... on Vault { id content } } }");
      expect(answer.data).toEqual({ foundOrNothing: null });
      expect(answer.errors).toContainEqual(UNAUTHENTICATED("foundOrNothing"));
      expectClosed(JSON.stringify(answer), "content");
    });

    it("a field read through an interface demands what every possible type behind it demands", async () => {
      const answer = await graph.ask("{ named { name } }");
      expect(answer.data).toEqual({ named: null });
      expect(answer.errors).toEqual([UNAUTHENTICATED("named", "name"), UNAUTHENTICATED("named")]);
      const allowed = await graph.ask("{ named { name } }", { viewer: someone() });
      expect(allowed).toEqual({ data: { named: { name: "the vault" } } });
    });

    it("one protected implementation does not close the others", async () => {
      const answer = await graph.ask("{ found { ... on Customer { name } ... on Staff { name } } }");
      expect(answer.data).toEqual({ found: [{ name: "Sam" }, { name: "Casey" }, null] });
    });
  });

  describe("by renamed directives (GHSA-g8jh-vg5j-4h3f)", () => {
    it("@loggedIn and @needs mean what the specifications behind them say", async () => {
      const answer = await graph.ask('{ customer { card } person(id: "s1") { ... on Staff { salary } } }', {
        viewer: someone("read"),
      });
      expect(answer.data).toEqual({ customer: { card: SECRET }, person: { salary: null } });
      expect(answer.errors).toEqual([FORBIDDEN("person", "salary")]);
      expect(graph.takeSent()).not.toContain("salary");
    });
  });

  describe("by aliases", () => {
    it("the response key of a refused field is null, whatever it is called", async () => {
      const answer = await graph.ask("{ customer { name: card id: name card: id __proto__: card } }");
      expect(Object.entries(answer.data?.["customer"] ?? {})).toEqual([
        ["name", null],
        ["id", "Casey"],
        ["card", "c1"],
        ["__proto__", null],
      ]);
      expect(JSON.stringify(answer)).not.toContain(SECRET);
    });

    it("aliases of one refused field are refused one by one", async () => {
      const answer = await graph.ask("{ customer { a: card b: card } }");
      expect(answer.errors).toEqual([UNAUTHENTICATED("customer", "a"), UNAUTHENTICATED("customer", "b")]);
      expectClosed(JSON.stringify(answer), "card");
    });
  });

  describe("by @skip and @include", () => {
    const query = `query ($yes: Boolean! = true, $no: Boolean = false) {
      customer { name ... @include(if: $yes) { card } ... @skip(if: $no) { other: card } unasked: card @skip(if: $yes) }
    }`;

    it("a refused field is not asked for, whatever the variables say", async () => {
      const answer = await graph.ask(query);
      expect(answer.data).toEqual({ customer: { name: "Casey", card: null, other: null } });
      expect(answer.errors).toEqual([UNAUTHENTICATED("customer", "card"), UNAUTHENTICATED("customer", "other")]);
      expectClosed(JSON.stringify(answer), "card");
    });

    it("what the variables leave out is neither null nor an error", async () => {
      const answer = await graph.ask(query, { variables: { yes: false, no: true } });
      expect(answer.data).toEqual({ customer: { name: "Casey", unasked: null } });
      expect(answer.errors).toEqual([UNAUTHENTICATED("customer", "unasked")]);
    });

    it("a variable that only refused fields use may be anything of its type", async () => {
      const answer = await graph.ask("query ($b: Boolean!) { customer { name card @include(if: $b) } }", {
        variables: { b: true },
      });
      expect(answer.data).toEqual({ customer: { name: "Casey", card: null } });
      expectClosed(JSON.stringify(answer), "card");
    });

    it("a variable of the wrong type is the client's error and nothing runs", async () => {
      const answer = await graph.ask("query ($b: Boolean!) { customer { name card @include(if: $b) } }", {
        variables: { b: "perhaps" },
      });
      expect(answer.data).toBeUndefined();
      expect(answer.errors?.[0]?.message).toContain('Variable "$b" got invalid value');
      expect(graph.takeSent()).toBe("");
    });
  });

  describe("by merging selections", () => {
    it("a field refused in one selection stays refused when another one selects the same key", async () => {
      const answer = await graph.ask("{ customer { friend { card } friend { name } ... on Named { name } } }");
      expect(answer.data).toEqual({ customer: { friend: { card: null, name: "Casey" }, name: "Casey" } });
      expectClosed(JSON.stringify(answer), "card");
    });
  });

  describe("by what is returned", () => {
    it("a field that returns a protected object, scalar or enum is refused with it", async () => {
      const answer = await graph.ask("{ vault { id content } token mood customer { name } }");
      expect(answer.data).toEqual({ vault: null, token: null, mood: null, customer: { name: "Casey" } });
      expect(answer.errors).toEqual([UNAUTHENTICATED("vault"), UNAUTHENTICATED("token"), UNAUTHENTICATED("mood")]);
      expectClosed(JSON.stringify(answer), "vault");
    });

    it("a policy is refused to everybody while no policy function is configured", async () => {
      const answer = await graph.ask("{ audited }", { viewer: someone("auditor") });
      expect(answer.data).toEqual({ audited: null });
      expect(answer.errors).toEqual([FORBIDDEN("audited")]);
      expectClosed(JSON.stringify(answer), "audited");
    });
  });

  describe("mutations", () => {
    it("a refused mutation field is never executed, its neighbours are", async () => {
      const answer = await graph.ask("mutation { a: greet burn b: greet }");
      expect(Object.entries(answer.data ?? {})).toEqual([
        ["a", "hello"],
        ["burn", null],
        ["b", "hello"],
      ]);
      expectClosed(JSON.stringify(answer), "burn");
    });

    it("a mutation of refused fields alone reaches no subgraph", async () => {
      const answer = await graph.ask("mutation { burn }");
      expect(answer).toEqual({ data: { burn: null }, errors: [UNAUTHENTICATED("burn")].map((error) => error) });
      expect(graph.takeSent()).toBe("");
    });
  });

  describe("the shape of the answer", () => {
    it("a refused non-null field makes its parent null, up to the nearest nullable one, in lists too", async () => {
      const answer = await graph.ask("{ customer { friends { id secretName } name } }");
      expect(answer.data).toEqual({ customer: { friends: null, name: "Casey" } });
      expect(answer.errors).toEqual([UNAUTHENTICATED("customer", "friends", "secretName")]);
      const whole = await graph.ask("{ customer { secretName } }");
      expect(whole.data).toEqual({ customer: null });
      expectClosed(JSON.stringify([answer, whole]), "secretName");
    });

    it("keys keep the order of the client's document", async () => {
      const answer = await graph.ask("{ customer { card id friend { card name } name } people { __typename id } }");
      expect(JSON.stringify(answer.data)).toBe(
        '{"customer":{"card":null,"id":"c1","friend":{"card":null,"name":"Casey"},"name":"Casey"},' +
          '"people":[{"__typename":"Staff","id":"s1"},{"__typename":"Customer","id":"c1"}]}',
      );
    });

    it("introspection is answered beside refused fields", async () => {
      const answer = await graph.ask('{ __typename __type(name: "Customer") { name } customer { card } }');
      expect(answer.data).toEqual({ __typename: "Query", __type: { name: "Customer" }, customer: { card: null } });
    });

    it("fields with equal rules are granted together and refused together", async () => {
      const query = '{ person(id: "s1") { ... on Staff { salary bonus } } }';
      const granted = await graph.ask(query, { viewer: someone("boss") });
      expect(granted).toEqual({ data: { person: { salary: SECRET, bonus: SECRET } } });
      const refused = await graph.ask(query, { viewer: someone("read") });
      expect(refused.data).toEqual({ person: { salary: null, bonus: null } });
    });

    it("every alternative of a scope list is enough, a part of one is not", async () => {
      const query = '{ person(id: "s1") { ... on Staff { salary } } }';
      for (const scopes of [["hr", "read"], ["boss"]]) {
        expect(await graph.ask(query, { viewer: someone(...scopes) })).toEqual({
          data: { person: { salary: SECRET } },
        });
      }
      for (const scopes of [[], ["hr"], ["read", "hrs"]]) {
        const answer = await graph.ask(query, { viewer: someone(...scopes) });
        expect(answer.errors).toEqual([FORBIDDEN("person", "salary")]);
      }
    });
  });
});

describe("rules on interfaces (GHSA-mx7m-j9xf-62hw)", () => {
  const shop = {
    sdl: `${federationLink('["@key", "@authenticated"]')}
      type Query { item: Item  book: Book }
      interface Item { id: ID! price: Int }
      type Book implements Item { id: ID! price: Int @authenticated }
      type Toy implements Item { id: ID! price: Int @authenticated }
    `,
    resolvers: {
      Query: { item: () => ({ __typename: "Book", id: "b1", price: 7 }), book: () => ({ id: "b1", price: 7 }) },
    },
  };

  it("a rule written on an interface's field alone binds every implementation", async () => {
    // Composition writes such a supergraph no more; older ones are still about.
    const edit = (sdl: string) => sdl.replace(/(type (?:Book|Toy)[^{]*\{[^}]*price: Int) @authenticated/g, "$1");
    const graph = await serveGuardedGraph({ subgraphs: { shop }, edit });
    try {
      expect(graph.supergraphSdl.match(/price: Int @authenticated/g)).toHaveLength(1);
      for (const query of ["{ item { price } }", "{ item { ... on Book { price } } }"]) {
        expect((await graph.ask(query)).data).toEqual({ item: { price: null } });
      }
      expect((await graph.ask("{ book { price } }")).data).toEqual({ book: { price: null } });
    } finally {
      await graph.close();
    }
  });
});

describe("mode reject", () => {
  it("refuses the whole operation with the errors of its refused paths", async () => {
    const graph = await serveGuardedGraph({ subgraphs: { people }, mode: "reject" });
    try {
      const answer = await graph.ask("{ customer { name card } token }");
      expect(answer.refused).toBe(true);
      expect(answer.data).toBeUndefined();
      expect(answer.errors?.map(({ path }) => path)).toEqual([["customer", "card"], ["token"]]);
      expect(graph.takeSent()).toBe("");
      expect((await graph.ask("{ customer { name } }")).data).toEqual({ customer: { name: "Casey" } });
    } finally {
      await graph.close();
    }
  });
});

describe("a policy function", () => {
  it("decides by policy name and caller", async () => {
    const graph = await serveGuardedGraph({
      subgraphs: { people },
      policy: (policy, viewer) => policy === "auditor" && viewer?.subject === "u1",
    });
    try {
      expect((await graph.ask("{ audited }", { viewer: someone() })).data).toEqual({ audited: SECRET });
      expect((await graph.ask("{ audited }", { viewer: { ...someone(), subject: "u2" } })).data).toEqual({
        audited: null,
      });
      expect((await graph.ask("{ audited }")).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
    } finally {
      await graph.close();
    }
  });
});
