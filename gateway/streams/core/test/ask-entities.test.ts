import { OperationTypeNode, parse } from "graphql";
import { Counter } from "prom-client";
import { readFetchGraph } from "../../../execution/plan/fetch-graph";
import { readSupergraphTypes } from "../../../execution/layout/supergraph-types";
import type { SubgraphClient } from "../../../upstream/upstreams";
import { AskedQuestion, createEntityAsker } from "../ask-entities";
import { createEntityQuestion, type EntityQuestion } from "../entity-question";
import { asViewer, user } from "./shop";

interface Body {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const counter = (name: string) => new Counter({ name, help: name, registers: [] });

/** An owner that gives to every entity its key, under every alias. */
function setUp() {
  const bodies: Body[] = [];
  const owner: SubgraphClient = {
    send: ({ body }) => {
      const { query, variables } = JSON.parse(body) as Body;
      bodies.push({ query, variables });
      const data: Record<string, unknown> = {};
      for (const [, alias = "", name = ""] of query.matchAll(/(?:(\w+):)?_entities\(representations:\$(\w+)\)/g)) {
        const list = variables[name] as readonly { id: string }[];
        data[alias || "_entities"] = list.map(({ id }) => ({ id }));
      }
      return Promise.resolve({ data, errors: [], isPlain: true, bytes: 0, isFault: false });
    },
  };
  const ask = createEntityAsker({ asked: counter("asked"), requests: counter("requests") });
  const question = (selection: string, header = ""): EntityQuestion => {
    const [primary] = readFetchGraph({
      kind: "QueryPlan",
      node: {
        kind: "Fetch",
        serviceName: "shop",
        operation: `subscription ${header} { changed ${selection} }`,
        operationName: undefined,
        operationKind: OperationTypeNode.SUBSCRIPTION,
        operationDocumentNode: undefined,
      },
    }).fetches;
    if (!primary) throw new Error("there is no fetch");
    return createEntityQuestion(primary, {
      type: "Thing",
      types: readSupergraphTypes(parse("type Thing { id: ID }")),
      owner,
    });
  };
  return { ask, bodies, question };
}

const context = asViewer(user("u1"));
const asked = (question: EntityQuestion, variables = {}) => new AskedQuestion(question, variables);

test("one question is asked as it is, with the entities in one list, each once", async () => {
  const { ask, bodies, question } = setUp();
  const plain = question("{ id }");
  const answers = await Promise.all(["a", "b", "a"].map((key) => ask(asked(plain), key, context)));
  expect(answers.map(({ entity }) => entity)).toEqual([{ id: "a" }, { id: "b" }, { id: "a" }]);
  expect(bodies).toEqual([
    {
      query: "query($representations:[_Any!]!){_entities(representations:$representations){...on Thing{id}}}",
      variables: {
        representations: [
          { __typename: "Thing", id: "a" },
          { __typename: "Thing", id: "b" },
        ],
      },
    },
  ]);
});

test("a number and a text are different keys", async () => {
  const { ask, question } = setUp();
  const plain = question("{ id }");
  const answers = await Promise.all([1, "1"].map((key) => ask(asked(plain), key, context)));
  expect(answers.map(({ entity }) => entity)).toEqual([{ id: 1 }, { id: "1" }]);
});

test("different questions keep their own variables, and texts over several lines stay as they are", async () => {
  const { ask, bodies, question } = setUp();
  const some = [
    question("{ id size(unit: $unit) }", '($unit: Unit = { name: "a" })'),
    question('{ id note(text: """two\n  lines""") }'),
    question("{ id size(unit: $unit) }", "($unit: Unit!)"),
  ];
  await Promise.all(some.map((one, i) => ask(asked(one, one.definitions.length > 0 ? { unit: i } : {}), "a", context)));
  expect(bodies).toHaveLength(1);
  const [body] = bodies;
  expect(() => parse(body?.query ?? "")).not.toThrow();
  expect(body?.query).toContain('$v0_unit:Unit={name:"a"}');
  expect(body?.query).toContain("$v2_unit:Unit!");
  expect(body?.query).toMatch(/"""two\n\s*lines"""/);
  expect(body?.variables).toMatchObject({ v0_unit: 0, v2_unit: 2 });
});

test("more than a subgraph takes at once travels in several requests", async () => {
  const { ask, bodies, question } = setUp();
  const many = Array.from({ length: 120 }, (_, i) => ask(asked(question(`{ id a${i}: id }`)), "a", context));
  const plain = question("{ id }");
  const keys = Array.from({ length: 2_500 }, (_, i) => `k${i}`);
  const answers = await Promise.all([...many, ...keys.map((key) => ask(asked(plain), key, context))]);
  expect(answers.slice(many.length).map(({ entity }) => entity)).toEqual(keys.map((id) => ({ id })));
  for (const { query, variables } of bodies) {
    expect(query.match(/_entities/g)?.length).toBeLessThanOrEqual(50);
    expect(Object.values(variables).flat().length).toBeLessThanOrEqual(1_000);
  }
  expect(bodies.length).toBeLessThanOrEqual(7);
});

test("callers are never put together, and later questions are asked anew", async () => {
  const { ask, bodies, question } = setUp();
  const plain = question("{ id }");
  const contexts = [
    context,
    asViewer(user("u2")),
    asViewer(user("u1"), { "x-tenant": "a" }),
    asViewer(undefined),
    asViewer(user("u1")),
  ];
  await Promise.all(contexts.map((who) => ask(asked(plain), "a", who)));
  expect(bodies).toHaveLength(4);
  await ask(asked(plain), "a", context);
  expect(bodies).toHaveLength(5);
});
