import { compose, federationLink } from "./harness/compose";
import { json, type Script, type ScriptedSubgraph, startScriptedSubgraph } from "./harness/scripted-subgraph";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";

const PEOPLE_SDL = `${federationLink('["@key", "@shareable", "@inaccessible"]')}
  scalar JSON
  enum Color { RED GREEN }
  interface Pet { name: String }
  type Dog implements Pet { name: String bones: Int }
  type Cat implements Pet { name: String lives: Int! }
  type Values {
    int: Int float: Float boolean: Boolean string: String id: ID color: Color json: JSON
    ints: [Int!] rows: [[Int]] strictRows: [[Int!]!]! one: Values many: [Values]
  }
  type Query { me: User strict: User! users: [User] team: [User!]! pet: Pet pets: [Pet!] values: Values number: Int }
  type User @key(fields: "id") { id: ID! name: String boss: User secret: Int @inaccessible }
`;

const DETAILS_SDL = `${federationLink('["@key"]')}
  type User @key(fields: "id") { id: ID! nick: String mail: String! age: Int friends: [User!] address: Address }
  type Address { street: String zip: String! }
`;

const PRICES_SDL = `${federationLink('["@key", "@external", "@requires"]')}
  type User @key(fields: "id") { id: ID! age: Int @external discount: Int @requires(fields: "age") rank: Int }
  type Query { rate: Float }
`;

interface Told {
  readonly path?: readonly (string | number)[] | undefined;
  readonly code: unknown;
}

const at = (code: string, ...path: (string | number)[]): Told => ({ path, code });
const INVALID = "SUBGRAPH_RESPONSE_INVALID";
const UNAVAILABLE = "SUBGRAPH_UNAVAILABLE";
const UNKNOWN = "ENTITY_NOT_FOUND";
const INTERNAL = "INTERNAL_SERVER_ERROR";

/** Every sentence that a client may read when a subgraph misbehaves; only a public error of a subgraph brings another. */
const SENTENCES = [
  "The service behind this field gave a value that does not fit the schema.",
  "The service behind this field gave null where the schema allows none.",
  "The service behind this field does not know the entity that another one refers to.",
  "A service behind this part of the graph is not available; try again later.",
  "Unexpected error.",
  "Sold out.",
];

const soldOut = (path?: readonly unknown[]) => ({
  message: "Sold out.",
  extensions: { code: "CONFLICT", row: "secret row 7" },
  ...(path ? { path } : {}),
});
const stack = (path?: readonly unknown[]) => ({ message: "at db.internal:5432", ...(path ? { path } : {}) });

/** Answers that are no GraphQL at all, or do not come. */
const NO_ANSWERS: readonly (readonly [string, Script])[] = [
  ["a page of HTML", json("<h1>Bad Gateway: secret</h1>", { "content-type": "text/html" }, 502)],
  ["HTML that says it is JSON", json("<h1>secret</h1>")],
  ["a 500 without a body", json("", {}, 500)],
  ["a 500 with a body that is no GraphQL", json({ error: "secret" }, {}, 500)],
  ["a 503 with data", json({ data: { me: { id: "1" } } }, {}, 503)],
  ["truncated JSON", json('{"data":{"me":{"id":"1"')],
  ["a JSON list", json([{ data: null }])],
  ["a JSON string", json('"secret"')],
  ["nothing at all", json("")],
  ["neither data nor errors", json({})],
  ["data that is a list", json({ data: [] })],
  ["data that is a text", json({ data: "secret" })],
  ["errors that are no list, without data", json({ errors: "secret" })],
  ["more than it may", json({ data: { me: { id: "1", name: "x".repeat(30_000) } } })],
  [
    "more than it may, without saying how much",
    (_req, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      for (let i = 0; i < 100; i++) res.write("x".repeat(1_000));
      res.end();
    },
  ],
  ["a reset connection", (req) => void req.socket.destroy()],
  [
    "a connection that breaks in the middle of the body",
    (req, res) => {
      res.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      res.write('{"data":', () => req.socket.destroy());
    },
  ],
  ["silence", () => undefined],
  [
    "half an answer and silence",
    (_req, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.write('{"data":');
    },
  ],
];

describe("a subgraph that answers wrongly", () => {
  let people: ScriptedSubgraph;
  let details: ScriptedSubgraph;
  let prices: ScriptedSubgraph;
  let gateway: TestGateway;

  beforeAll(async () => {
    [people, details, prices] = await Promise.all([
      startScriptedSubgraph(),
      startScriptedSubgraph(),
      startScriptedSubgraph(),
    ]);
    gateway = await startTestGateway({
      subgraphs: [],
      sdl: compose([
        { name: "people", sdl: PEOPLE_SDL, url: people.url },
        { name: "details", sdl: DETAILS_SDL, url: details.url },
        { name: "prices", sdl: PRICES_SDL, url: prices.url },
      ]),
      env: { SUBGRAPH_TIMEOUT_MS: "300", SUBGRAPH_MAX_RESPONSE_BYTES: "20000" },
    });
  });
  afterAll(async () => {
    await gateway.close();
    await Promise.all([people.close(), details.close(), prices.close()]);
  });
  beforeEach(() => {
    people.script = json({ data: { me: { __typename: "User", id: "1" } } });
    details.script = json({ data: { _entities: [{}] } });
    prices.script = json({ data: { _entities: [{}] } });
  });

  /** Asks twice: through Apollo Server's pipeline, and once the operation is known without it. */
  const ask = async (query: string, variables?: Record<string, unknown>) => {
    const answers: { data: unknown; errors: Told[] }[] = [];
    for (let i = 0; i < 2; i++) {
      const { status, body } = await gateway.post({ query, variables });
      expect(status).toBe(200);
      const { data, errors = [] } = body;
      for (const { message } of errors) expect(SENTENCES).toContain(message);
      expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|internal:|secret|people|details|prices|_entities/);
      answers.push({
        data,
        errors: errors.map(({ path, extensions }) => ({ ...(path ? { path } : {}), code: extensions["code"] })),
      });
    }
    const [first, second] = answers;
    expect(second).toEqual(first);
    return first;
  };

  /** What the first subgraph knows of users; the second is asked for the rest. */
  const users = (...ids: string[]) => json({ data: { users: ids.map((id) => ({ __typename: "User", id })) } });
  const team = (...ids: string[]) => json({ data: { team: ids.map((id) => ({ __typename: "User", id })) } });
  const entities = (...list: unknown[]) => json({ data: { _entities: list } });

  describe("to a fetch of root fields", () => {
    it.each<[string, unknown, string, unknown, Told[]]>([
      [
        "extra fields",
        { data: { me: { id: "1", password: "secret" }, more: "secret" } },
        "{ me { id } }",
        { me: { id: "1" } },
        [],
      ],
      ["null for a field that may be null", { data: { me: null } }, "{ me { id } }", { me: null }, []],
      ["a missing field", { data: {} }, "{ me { id } }", { me: null }, [at(INVALID, "me")]],
      [
        "a missing field that must not be null",
        { data: { me: {} } },
        "{ me { id } }",
        { me: null },
        [at(INVALID, "me", "id")],
      ],
      [
        "null for an object that must be there",
        { data: { strict: null } },
        "{ strict { id } }",
        null,
        [at(INVALID, "strict")],
      ],
      [
        "null in a list that allows none",
        { data: { team: [{ id: "1" }, null] } },
        "{ team { id } }",
        null,
        [at(INVALID, "team", 1)],
      ],
      [
        "null in a list that allows it",
        { data: { users: [{ id: "1" }, null] } },
        "{ users { id } }",
        { users: [{ id: "1" }, null] },
        [],
      ],
      [
        "an object for a list",
        { data: { users: { id: "1" } } },
        "{ users { id } }",
        { users: null },
        [at(INVALID, "users")],
      ],
      ["a list for an object", { data: { me: [{ id: "1" }] } }, "{ me { id } }", { me: null }, [at(INVALID, "me")]],
      ["a text for an object", { data: { me: "secret" } }, "{ me { id } }", { me: null }, [at(INVALID, "me")]],
      [
        "a number inside a list of objects",
        { data: { users: [7, { id: "2" }] } },
        "{ users { id } }",
        { users: [null, { id: "2" }] },
        [at(INVALID, "users", 0)],
      ],
      [
        "data: null without errors",
        { data: null },
        "{ me { id } number }",
        { me: null, number: null },
        [at(INVALID, "me"), at(INVALID, "number")],
      ],
      ["data: null for what must be there", { data: null }, "{ strict { id } }", null, [at(INVALID, "strict")]],
      [
        "errors without data, one for each null",
        { errors: [soldOut()] },
        "{ me { id } number }",
        { me: null, number: null },
        [at("CONFLICT", "me"), at("CONFLICT", "number")],
      ],
      ["an error of its own without data", { errors: [stack()] }, "{ me { id } }", { me: null }, [at(INTERNAL, "me")]],
      [
        "an error without a path beside data",
        { data: { me: { id: "1" } }, errors: [soldOut()] },
        "{ me { id } }",
        { me: { id: "1" } },
        [{ code: "CONFLICT" }],
      ],
      [
        "an error with a path",
        { data: { me: { id: "1", name: null } }, errors: [soldOut(["me", "name"])] },
        "{ me { id name } }",
        { me: { id: "1", name: null } },
        [at("CONFLICT", "me", "name")],
      ],
      [
        "an error with a path, data climbed already",
        { data: null, errors: [soldOut(["strict", "id"])] },
        "{ strict { id } }",
        null,
        [at("CONFLICT", "strict", "id")],
      ],
      [
        "an error in a list",
        { data: { users: [{ name: "a" }, { name: null }] }, errors: [stack(["users", 1, "name"])] },
        "{ users { name } }",
        { users: [{ name: "a" }, { name: null }] },
        [at(INTERNAL, "users", 1, "name")],
      ],
      [
        "an error at a path that the client did not ask for",
        { data: { me: { id: "1" } }, errors: [soldOut(["me", "hidden", "more"])] },
        "{ me { id } }",
        { me: { id: "1" } },
        [at("CONFLICT", "me")],
      ],
      [
        "an error at a root field that nobody asked for",
        { data: { me: { id: "1" } }, errors: [soldOut(["hidden"])] },
        "{ me { id } }",
        { me: { id: "1" } },
        [{ code: "CONFLICT" }],
      ],
      [
        "an error below a leaf",
        { data: { me: { id: "1" } }, errors: [soldOut(["me", "id", "deeper", 3])] },
        "{ me { id } }",
        { me: { id: "1" } },
        [at("CONFLICT", "me", "id")],
      ],
      [
        "an error whose path is no path",
        { data: { me: { id: "1" } }, errors: [soldOut([{ secret: 1 }, null])] },
        "{ me { id } }",
        { me: { id: "1" } },
        [{ code: "CONFLICT" }],
      ],
      [
        "errors that are no errors",
        { data: { me: null }, errors: [null, 7, "secret"] },
        "{ me { id } }",
        { me: null },
        [{ code: INTERNAL }],
      ],
      [
        "errors that are no list beside data",
        { data: { number: 1 }, errors: { secret: 1 } },
        "{ number }",
        { number: 1 },
        [],
      ],
      [
        "no type name where one is needed",
        { data: { pet: { name: "a" } } },
        "{ pet { name ... on Cat { lives } } }",
        { pet: null },
        [at(INVALID, "pet")],
      ],
      [
        "a type name that does not exist",
        { data: { pet: { __typename: "Secret", name: "a" } } },
        "{ pet { name } }",
        { pet: null },
        [at(INVALID, "pet")],
      ],
      [
        "a type name that does not fit",
        {
          data: {
            pets: [
              { __typename: "Dog", name: "a" },
              { __typename: "User", name: "b" },
            ],
          },
        },
        "{ pets { __typename name } }",
        { pets: null },
        [at(INVALID, "pets", 1)],
      ],
      [
        "a type name that is no text",
        { data: { pet: { __typename: 7, name: "a" } } },
        "{ pet { __typename name } }",
        { pet: null },
        [at(INVALID, "pet")],
      ],
    ])("%s", async (_what, answer, query, data, errors) => {
      people.script = json(answer);
      expect(await ask(query)).toEqual({ data, errors });
    });

    it("a 500 with a GraphQL body is read as what it says", async () => {
      people.script = json({ data: { me: null }, errors: [soldOut(["me"])] }, {}, 500);
      expect(await ask("{ me { id } }")).toEqual({ data: { me: null }, errors: [at("CONFLICT", "me")] });
    });

    it.each<[string, unknown[]]>([
      ["int", [2 ** 31, 1.5, "1", true, {}, [1]]],
      ["float", ["1.5", false, {}, [1]]],
      ["boolean", [1, "true", {}, []]],
      ["string", [5, true, {}, ["a"]]],
      ["id", [1.5, true, {}, ["a"]]],
      ["color", ["BLUE", "red", 1, {}, ["RED"], "__proto__", "constructor"]],
    ])("values that are no %s", async (field, values) => {
      for (const value of values) {
        people.script = json({ data: { values: { [field]: value } } });
        expect(await ask(`{ values { ${field} } }`)).toEqual({
          data: { values: { [field]: null } },
          errors: [at(INVALID, "values", field)],
        });
      }
    });

    it.each<[string, unknown, unknown]>([
      ["int", -0, 0],
      ["float", 1, 1],
      ["float", 1e300, 1e300],
      ["id", 7, "7"],
      ["id", "", ""],
      ["string", 'line\n"\\\u2028\ud83d', 'line\n"\\\u2028\ud83d'],
      ["color", "RED", "RED"],
      ["json", { any: ["thing", null, 1.5] }, { any: ["thing", null, 1.5] }],
      ["json", [], []],
      ["json", false, false],
    ])("values that are: %s %j", async (field, value, shown) => {
      people.script = json({ data: { values: { [field]: value } } });
      expect(await ask(`{ values { ${field} } }`)).toEqual({ data: { values: { [field]: shown } }, errors: [] });
    });

    it("a wrong value nulls as far up as it must, and every other part stays", async () => {
      people.script = json({
        data: {
          values: {
            ints: [1, "2"],
            rows: [[1, "2"], 3, null],
            one: { strictRows: [[1], [null]] },
            many: [{ int: 1 }, { int: "x" }],
          },
        },
      });
      expect(await ask("{ values { ints rows one { strictRows } many { int } } }")).toEqual({
        data: { values: { ints: null, rows: [[1, null], null, null], one: null, many: [{ int: 1 }, { int: null }] } },
        errors: [
          at(INVALID, "values", "ints", 1),
          at(INVALID, "values", "rows", 0, 1),
          at(INVALID, "values", "rows", 1),
          at(INVALID, "values", "one", "strictRows", 1, 0),
          at(INVALID, "values", "many", 1, "int"),
        ],
      });
    });

    it("an error's path is told in the client's aliases, also where the gateway asks under other names", async () => {
      // What these are called in the plan is the gateway's affair.
      people.script = (req, res, body) => {
        const [, own = ""] = /(\w+)\s*:\s*name/.exec((JSON.parse(body) as { query: string }).query) ?? [];
        json({ data: { top: { [own]: null } }, errors: [soldOut(["top", own])] })(req, res, body);
      };
      for (const alias of ["mail", "__proto__", "constructor"]) {
        const answer = await ask(`{ top: me { ${alias}: name } }`);
        expect(answer?.errors).toEqual([at("CONFLICT", "top", alias)]);
        expect(JSON.stringify(answer?.data)).toBe(`{"top":{"${alias}":null}}`);
      }
    });

    it.each(NO_ANSWERS)("%s: the service is unavailable at each null", async (_what, script) => {
      people.script = script;
      expect(await ask("{ me { id } number }")).toEqual({
        data: { me: null, number: null },
        errors: [at(UNAVAILABLE, "me"), at(UNAVAILABLE, "number")],
      });
      expect(await ask("{ strict { id } }")).toEqual({ data: null, errors: [at(UNAVAILABLE, "strict")] });
    });
  });

  describe("to a fetch of entities", () => {
    beforeEach(() => {
      people.script = users("1", "2");
    });

    it.each<[string, unknown, unknown, Told[]]>([
      [
        "fewer than asked",
        [{ nick: "a" }],
        { users: [{ nick: "a" }, { nick: null }] },
        [at(INVALID, "users", 1, "nick")],
      ],
      [
        "none",
        [],
        { users: [{ nick: null }, { nick: null }] },
        [at(INVALID, "users", 0, "nick"), at(INVALID, "users", 1, "nick")],
      ],
      [
        "more than asked",
        [{ nick: "a" }, { nick: "b" }, { nick: "secret" }],
        { users: [{ nick: "a" }, { nick: "b" }] },
        [],
      ],
      ["null for an entity", [null, { nick: "b" }], { users: [{ nick: null }, { nick: "b" }] }, []],
      [
        "a field left out",
        [{}, { nick: "b" }],
        { users: [{ nick: null }, { nick: "b" }] },
        [at(INVALID, "users", 0, "nick")],
      ],
      [
        "a wrong type",
        [{ nick: 1 }, { nick: "b" }],
        { users: [{ nick: null }, { nick: "b" }] },
        [at(INVALID, "users", 0, "nick")],
      ],
      [
        "entities that are texts",
        ["secret", 7],
        { users: [{ nick: null }, { nick: null }] },
        [at(INVALID, "users", 0, "nick"), at(INVALID, "users", 1, "nick")],
      ],
      [
        "entities that are lists",
        [[{ nick: "a" }], []],
        { users: [{ nick: null }, { nick: null }] },
        [at(INVALID, "users", 0, "nick"), at(INVALID, "users", 1, "nick")],
      ],
      [
        "extra fields",
        [{ nick: "a", password: "secret" }, { nick: "b" }],
        { users: [{ nick: "a" }, { nick: "b" }] },
        [],
      ],
    ])("%s", async (_what, list, data, errors) => {
      details.script = entities(...(list as unknown[]));
      expect(await ask("{ users { nick } }")).toEqual({ data, errors });
    });

    it.each<[string, unknown]>([
      ["no list", { data: { _entities: { nick: "a" } } }],
      ["a text", { data: { _entities: "secret" } }],
      ["null", { data: { _entities: null } }],
      ["nothing", { data: {} }],
      ["no data", { data: null }],
    ])("_entities is %s: each field is invalid at its place", async (_what, answer) => {
      details.script = json(answer);
      expect(await ask("{ users { id nick } }")).toEqual({
        data: {
          users: [
            { id: "1", nick: null },
            { id: "2", nick: null },
          ],
        },
        errors: [at(INVALID, "users", 0, "nick"), at(INVALID, "users", 1, "nick")],
      });
    });

    it("an entity that is not known: null where the field may be, an error and a null above where it must not", async () => {
      details.script = entities(null, { nick: "b", mail: "m" });
      expect(await ask("{ users { nick } }")).toEqual({ data: { users: [{ nick: null }, { nick: "b" }] }, errors: [] });
      expect(await ask("{ users { nick mail } }")).toEqual({
        data: { users: [null, { nick: "b", mail: "m" }] },
        errors: [at(UNKNOWN, "users", 0, "mail")],
      });
      people.script = team("1", "2");
      expect(await ask("{ team { mail } }")).toEqual({ data: null, errors: [at(UNKNOWN, "team", 0, "mail")] });
    });

    it("an object inside of an entity is completed like any other", async () => {
      details.script = entities({ address: { street: 1, zip: "z" } }, { address: { street: "s", zip: null } });
      expect(await ask("{ users { address { street zip } } }")).toEqual({
        data: { users: [{ address: { street: null, zip: "z" } }, { address: null }] },
        errors: [at(INVALID, "users", 0, "address", "street"), at(INVALID, "users", 1, "address", "zip")],
      });
    });

    it("an error at an entity's field is told at every place where the entity occurs, in the client's aliases", async () => {
      people.script = json({
        data: { all: ["1", "2", "1"].map((id) => ({ __typename: "User", id })) },
      });
      details.script = json({
        data: { _entities: [{ n: null }, { n: "b" }] },
        errors: [soldOut(["_entities", 0, "n"])],
      });
      expect(await ask("{ all: users { n: nick } }")).toEqual({
        data: { all: [{ n: null }, { n: "b" }, { n: null }] },
        errors: [at("CONFLICT", "all", 0, "n"), at("CONFLICT", "all", 2, "n")],
      });
    });

    it.each<[string, unknown, Told[]]>([
      ["at an entity as a whole", soldOut(["_entities", 1]), [at("CONFLICT", "users", 1)]],
      ["at a field that the client did not ask for", soldOut(["_entities", 1, "hidden"]), [at("CONFLICT", "users", 1)]],
      ["at an entity that nobody asked for", soldOut(["_entities", 9, "nick"]), [{ code: "CONFLICT" }]],
      ["at _entities as a whole", soldOut(["_entities"]), [{ code: "CONFLICT" }]],
      ["at a path of another fetch", soldOut(["users", 0, "nick"]), [{ code: "CONFLICT" }]],
      ["without a path", soldOut(), [{ code: "CONFLICT" }]],
      ["of the subgraph itself", stack(["_entities", 0, "nick"]), [at(INTERNAL, "users", 0, "nick")]],
    ])("an error beside data %s", async (_what, error, errors) => {
      details.script = json({ data: { _entities: [{ nick: "a" }, { nick: "b" }] }, errors: [error] });
      expect(await ask("{ users { nick } }")).toEqual({ data: { users: [{ nick: "a" }, { nick: "b" }] }, errors });
    });

    it("errors without data are told at each null they cause", async () => {
      details.script = json({ errors: [soldOut()] });
      expect(await ask("{ users { id nick } }")).toEqual({
        data: {
          users: [
            { id: "1", nick: null },
            { id: "2", nick: null },
          ],
        },
        errors: [at("CONFLICT", "users", 0, "nick"), at("CONFLICT", "users", 1, "nick")],
      });
    });

    it("a null in place of an entity that an error explains needs no other", async () => {
      details.script = json({
        data: { _entities: [null, { mail: "m" }] },
        errors: [soldOut(["_entities", 0, "mail"])],
      });
      expect(await ask("{ users { mail } }")).toEqual({
        data: { users: [null, { mail: "m" }] },
        errors: [at("CONFLICT", "users", 0, "mail")],
      });
    });

    it.each(NO_ANSWERS)("%s: what else is known stays", async (_what, script) => {
      details.script = script;
      expect(await ask("{ users { id nick } }")).toEqual({
        data: {
          users: [
            { id: "1", nick: null },
            { id: "2", nick: null },
          ],
        },
        errors: [at(UNAVAILABLE, "users", 0, "nick"), at(UNAVAILABLE, "users", 1, "nick")],
      });
      expect(await ask("{ users { id mail } }")).toEqual({
        data: { users: [null, null] },
        errors: [at(UNAVAILABLE, "users", 0, "mail"), at(UNAVAILABLE, "users", 1, "mail")],
      });
    });

    it("a key that is missing or null cannot be asked for: the fields are invalid, and the rest is asked", async () => {
      people.script = json({
        data: {
          users: [
            { __typename: "User", name: "a" },
            { __typename: "User", id: "2", name: "b" },
          ],
        },
      });
      details.script = (req, res, body) => {
        expect(JSON.parse(body)).toMatchObject({ variables: { representations: [{ __typename: "User", id: "2" }] } });
        entities({ nick: "n" })(req, res, body);
      };
      expect(await ask("{ users { name nick } }")).toEqual({
        data: {
          users: [
            { name: "a", nick: null },
            { name: "b", nick: "n" },
          ],
        },
        errors: [at(INVALID, "users", 0, "nick")],
      });
    });

    it("a list of entities with nulls in it is asked for the others", async () => {
      people.script = json({ data: { users: [null, { __typename: "User", id: "2" }, 7] } });
      details.script = entities({ nick: "n" });
      expect(await ask("{ users { nick } }")).toEqual({
        data: { users: [null, { nick: "n" }, null] },
        errors: [at(INVALID, "users", 2)],
      });
    });
  });

  describe("to one fetch of several", () => {
    it("a parallel fetch that fails leaves the other's data", async () => {
      people.script = json({ data: { me: { id: "1", name: "n" } } });
      prices.script = (req) => void req.socket.destroy();
      expect(await ask("{ me { name } rate }")).toEqual({
        data: { me: { name: "n" }, rate: null },
        errors: [at(UNAVAILABLE, "rate")],
      });
    });

    it("two entity fetches side by side fail each for itself", async () => {
      people.script = users("1");
      details.script = json("<h1>", { "content-type": "text/html" });
      prices.script = entities({ rank: 3 });
      expect(await ask("{ users { nick rank } }")).toEqual({
        data: { users: [{ nick: null, rank: 3 }] },
        errors: [at(UNAVAILABLE, "users", 0, "nick")],
      });
    });

    it("a fetch that a later one requires: the later is not sent, and its fields tell the first reason", async () => {
      people.script = users("1");
      details.script = (req) => void req.socket.destroy();
      const before = prices.requests.length;
      expect(await ask("{ users { id discount } }")).toEqual({
        data: { users: [{ id: "1", discount: null }] },
        errors: [at(UNAVAILABLE, "users", 0, "discount")],
      });
      expect(prices.requests).toHaveLength(before);
    });

    it("a requirement that is null is sent as null; one that is missing is not sent", async () => {
      people.script = users("1", "2");
      details.script = entities({ age: null }, {});
      prices.script = (req, res, body) => {
        const { variables } = JSON.parse(body) as { variables: { representations: unknown[] } };
        expect(variables.representations).toEqual([{ __typename: "User", age: null, id: "1" }]);
        entities({ discount: 5 })(req, res, body);
      };
      expect(await ask("{ users { discount } }")).toEqual({
        data: { users: [{ discount: 5 }, { discount: null }] },
        errors: [at(INVALID, "users", 1, "discount")],
      });
    });

    describe("an error at a required field, which the client did not ask for,", () => {
      beforeEach(() => {
        people.script = users("1");
        details.script = json({ data: { _entities: [{ age: null }] }, errors: [soldOut(["_entities", 0, "age"])] });
      });

      it("explains the null of the field that requires it", async () => {
        prices.script = entities({ discount: null });
        expect(await ask("{ users { discount } }")).toEqual({
          data: { users: [{ discount: null }] },
          errors: [at("CONFLICT", "users", 0, "discount")],
        });
      });

      it("is no concern of the client's when that field has a value all the same", async () => {
        prices.script = entities({ discount: 5 });
        expect(await ask("{ users { discount } }")).toEqual({ data: { users: [{ discount: 5 }] }, errors: [] });
      });
    });

    describe("that travel in one call", () => {
      const query = "{ me { nick boss { address { zip } } } }";
      beforeEach(() => {
        people.script = json({ data: { me: { __typename: "User", id: "1", boss: { __typename: "User", id: "2" } } } });
      });
      /** The answer under whatever the call's aliases are. */
      const parts =
        (answer: (nick: string, address: string) => unknown): Script =>
        (req, res, body) => {
          const { query: text } = JSON.parse(body) as { query: string };
          const nick = /(_e\d):_entities\([^)]*\)\s*\{[^_]*nick/.exec(text)?.[1] ?? "";
          expect(nick).not.toBe("");
          json(answer(nick, nick === "_e0" ? "_e1" : "_e0"))(req, res, body);
        };

      it("one part that fails leaves the other", async () => {
        details.script = parts((nick, address) => ({
          data: { [nick]: [{ nick: "n" }], [address]: [null] },
          errors: [soldOut([address, 0, "address"])],
        }));
        expect(await ask(query)).toEqual({
          data: { me: { nick: "n", boss: { address: null } } },
          errors: [at("CONFLICT", "me", "boss", "address")],
        });
      });

      it("one part that is left out, or no list, is invalid at its own places", async () => {
        for (const wrong of [undefined, null, "secret", {}]) {
          details.script = parts((nick, address) => ({
            data: { [nick]: wrong, [address]: [{ address: { zip: "z" } }] },
          }));
          expect(await ask(query)).toEqual({
            data: { me: { nick: null, boss: { address: { zip: "z" } } } },
            errors: [at(INVALID, "me", "nick")],
          });
        }
      });

      it("an error at one part's alias is told of that part alone", async () => {
        details.script = parts((nick, address) => ({
          data: null,
          errors: [soldOut([nick]), stack([address])],
        }));
        const answer = await ask(query);
        expect(answer?.data).toEqual({ me: { nick: null, boss: { address: null } } });
        expect(answer?.errors).toContainEqual(at("CONFLICT", "me", "nick"));
        expect(answer?.errors).toContainEqual(at(INTERNAL, "me", "boss", "address"));
        expect(answer?.errors).toHaveLength(2);
      });

      it("a call that fails is told at the nulls of both", async () => {
        details.script = json("", {}, 500);
        expect(await ask(query)).toEqual({
          data: { me: { nick: null, boss: { address: null } } },
          errors: [at(UNAVAILABLE, "me", "nick"), at(UNAVAILABLE, "me", "boss", "address")],
        });
      });
    });
  });

  it("thousands of errors are read in time proportional to them, and the client is told the first hundreds", async () => {
    people.script = users("1");
    details.script = json({ data: null, errors: Array.from({ length: 1_000 }, (_, i) => ({ message: `${i}` })) });
    const answer = await ask("{ users { nick } }");
    expect(answer?.data).toEqual({ users: [{ nick: null }] });
    expect(answer?.errors).toEqual([at(INTERNAL, "users", 0, "nick"), { code: INTERNAL }]);
  });
});
