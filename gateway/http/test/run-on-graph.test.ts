import { HeaderMap } from "@apollo/server";
import { Registry } from "prom-client";
import { ClientError } from "../../../kit/errors";
import type { Identity } from "../../../kit/viewer";
import { createOperationCosts } from "../../access/cost/operation-cost";
import { createAccessControl } from "../../access/enforcement/access-control";
import { DEFAULT_LIMITS } from "../../access/limits/operation-limits";
import { readAccessRules } from "../../access/rules/access-rules";
import { createExecutor } from "../../execution/create-executor";
import { createOperationStore } from "../../execution/operation-store";
import { createGenerations, type Generation } from "../../generation";
import { createDocumentChecker } from "../../operation/check-document";
import { createOverrideLabels } from "../../operation/override-labels";
import type { Answer } from "../../partners/calls/call";
import { compose, federationLink } from "../../test/harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "../../test/harness/fake-subgraph";
import { loadInThread } from "../../test/harness/load-in-thread";
import { recordingLog } from "../../test/harness/recording-log";
import { clientsOf, createUpstreams } from "../../upstream/create-upstreams";
import { createAcceptedType } from "../accepted-type";
import { createGraphqlServer, type GraphqlServer } from "../create-graphql-server";
import { createMemoryCache } from "../persisted-query-cache";
import { runOnGraph } from "../run-on-graph";
import { registeredOperation } from "../../partners/test/registered-operation";

const SDL = `${federationLink('["@key", "@authenticated", "@requiresScopes"]')}
  type Query {
    hello(name: String = "world", size: Int): String!
    thing(id: ID!): Thing
    fails: String
    refuses: String
    staffOnly: String @requiresScopes(scopes: [["staff"]])
    leaving: String
    hits: [Hit]
  }
  union Hit = Thing | Secret
  type Secret @requiresScopes(scopes: [["staff"]]) { word: String }
  type Mutation {
    rename(id: ID!, name: String!): Thing
    purge: String @requiresScopes(scopes: [["staff"]])
  }
  type Subscription { changed: Thing }
  type Thing @key(fields: "id") { id: ID! name: String }
`;
const OTHER_SDL = `${federationLink('["@key"]')}
  type Query { other: String }
  type Thing @key(fields: "id") { id: ID! size: Int }
`;

const IDENTITY: Identity = { kind: "partner", subject: "acme", roles: [], scopes: [] };
const STAFF: Identity = { ...IDENTITY, scopes: ["staff"] };

interface Case {
  readonly body: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly identity?: Identity;
}

const CASES: Readonly<Record<string, Case>> = {
  data: { body: "query A { hello thing(id: 1) { id name size } }" },
  "data for given variables": {
    body: 'query B($name: String = "all") { hello(name: $name) }',
    variables: { name: 'ä "quoted"\n' },
  },
  "a mutation": { body: 'mutation C { rename(id: 1, name: "x") { id name } }' },
  introspection: { body: 'query D { __type(name: "Thing") { name } }' },
  "a null beside an error of a subgraph": { body: "query E { fails hello }" },
  "a refusal of a subgraph": { body: "query F { refuses }" },
  "data without a refused field": { body: "query G { hello staffOnly }" },
  "only a refused field": { body: "query H { staffOnly }" },
  "what another identity may see": { body: "query H { staffOnly }", identity: STAFF },
  "a refused mutation": { body: "mutation Purge { purge }" },
  "a variable of another type": { body: "query I($size: Int!) { hello(size: $size) }", variables: { size: "many" } },
  "a variable that is missing": { body: "query I($size: Int!) { hello(size: $size) }" },
  "a variable too deep": { body: "query J($name: String) { hello(name: $name) }", variables: { name: nested(150) } },
  "a subscription": { body: "subscription K { changed { id } }" },
  "a field that is not there": { body: "query L { goodbye hallo }" },
  "a document too deep": { body: `query M { ${"thing(id: 1) { ".repeat(60)} id ${"}".repeat(60)} }` },
  "a planner with too much to do": { body: "query Overload { hello }" },
  "a fault of the gateway": { body: "query Fault { hello }" },
  "deferred fields, as a whole": { body: "query N { hello thing(id: 1) { id ... @defer { size } } }" },
};

const ACCEPTS = [
  undefined,
  "application/json",
  "application/graphql-response+json",
  "application/graphql-response+json, application/json;q=0.9",
  "*/*",
  "text/html, */*;q=0.1",
  "text/html",
  "application/json;q=0, text/plain",
];

function nested(levels: number): unknown {
  return levels === 0 ? "x" : [nested(levels - 1)];
}

describe.each(["filter", "reject"] as const)(
  "a registered operation, run on the graph directly (access: %s)",
  (mode) => {
    let subgraphs: readonly FakeSubgraph[];
    let apollo: GraphqlServer;
    let run: ReturnType<typeof runOnGraph>;
    let swap: (generation: Generation) => void;
    let createGeneration: (some: readonly FakeSubgraph[]) => Generation;
    let generations: ReturnType<typeof createGenerations>;
    const retired: Generation[] = [];
    const { log, lines } = recordingLog();

    beforeAll(async () => {
      subgraphs = await Promise.all([
        startFakeSubgraph({
          name: "things",
          sdl: SDL,
          resolvers: {
            Query: {
              hello: (_: unknown, { name }: { name: string }) => `hello ${name}`,
              thing: (_: unknown, { id }: { id: string }) => ({ id, name: null }),
              fails: () => {
                throw new Error("row 7 of secrets");
              },
              refuses: () => {
                throw Object.assign(new Error("The name is taken."), { extensions: { code: "CONFLICT" } });
              },
              staffOnly: () => "for staff",
              hits: () => [
                { __typename: "Thing", id: 1, name: "one" },
                { __typename: "Secret", word: "two" },
              ],
            },
            Mutation: { rename: (_: unknown, given: object) => given },
          },
        }),
        startFakeSubgraph({
          name: "sizes",
          sdl: OTHER_SDL,
          resolvers: { Thing: { size: ({ id }: { id: string }) => Number(id) * 10 } },
        }),
      ]);
      const upstreams = createUpstreams({
        options: { timeoutMs: 20_000, maxResponseBytes: 1_000_000, maxConnections: 10, internalSecret: undefined },
        log,
        metrics: new Registry(),
      });
      createGeneration = (some) => {
        const loaded = loadInThread(compose(some));
        const supergraph = {
          ...loaded,
          planner: {
            ...loaded.planner,
            plan: (request: Parameters<typeof loaded.planner.plan>[0]) => {
              if (request.operationName === "Fault") throw new Error("the planner's own secret");
              if (request.operationName !== "Overload") return loaded.planner.plan(request);
              throw new ClientError("SERVICE_UNAVAILABLE", "The gateway has too much to plan; try again.");
            },
          },
        };
        const executor = createExecutor({
          supergraph,
          planner: supergraph.planner,
          client: clientsOf(upstreams, supergraph.subgraphs),
        });
        return {
          supergraph,
          executor,
          rules: readAccessRules(supergraph.fullDocument),
          operations: createOperationStore({ executor, maxBytes: 10_000_000, onLookUp: () => undefined }),
          overrideLabels: createOverrideLabels([], new Set()),
          costs: createOperationCosts({
            schema: supergraph.apiSchema,
            supergraph: supergraph.fullDocument,
            listSize: 10,
          }),
        };
      };
      let current = createGeneration(subgraphs);
      const listeners = new Set<(next: Generation, previous: Generation) => void>();
      swap = (next) => {
        const previous = current;
        current = next;
        for (const listener of listeners) listener(next, previous);
      };
      generations = createGenerations(
        {
          current: () => current,
          onChange: (listener) => {
            listeners.add(listener);
            return () => void listeners.delete(listener);
          },
          close: () => Promise.resolve(),
        },
        (generation) => void retired.push(generation),
      );
      const access = createAccessControl({ mode });
      const checker = createDocumentChecker({ limits: DEFAULT_LIMITS, introspection: true, suggestions: true });
      const shared = { generations, access, checker, socketPath: "/graphql", log };
      apollo = await createGraphqlServer({
        ...shared,
        persistedQueries: createMemoryCache(1_000_000),
        introspection: true,
        suggestions: true,
      });
      run = runOnGraph({ ...shared, acceptedType: createAcceptedType(apollo) });
    });
    afterAll(async () => {
      await apollo.close();
      await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
    });

    const context = { requestId: "request-1", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };
    const throughApollo = async ({ body, variables = {}, identity = IDENTITY }: Case, accept: string | undefined) => {
      const headers = new HeaderMap([["content-type", "application/json"]]);
      if (accept !== undefined) headers.set("accept", accept);
      const request = { method: "POST", headers, search: "", body: { query: body, variables } };
      const { status = 200, ...answer } = await apollo.answer(request, { ...context, viewer: identity });
      return { status, ...answer };
    };
    const directly = ({ body, variables = {}, identity = IDENTITY }: Case, accept: string | undefined) =>
      run({
        ...context,
        partner: { slug: "acme", name: "Acme", keyId: "key", identity } as Parameters<typeof run>[0]["partner"],
        operation: registeredOperation(body),
        variables,
        door: "graphql",
        span: undefined,
        accept,
        header: () => undefined,
        answerHeaders: new Map(),
      });
    const shownOf = ({ status, headers, body }: Answer) => ({
      status,
      headers: Object.fromEntries([...headers].sort(([a], [b]) => (a < b ? -1 : 1))),
      text: body.kind === "complete" ? body.string : body.kind,
    });

    describe.each(Object.entries(CASES))("%s", (_what, one) => {
      it.each(ACCEPTS)("is answered as Apollo Server does, to who accepts %s", async (accept) => {
        const expected = shownOf(await throughApollo(one, accept));
        expect(shownOf(await directly(one, accept))).toEqual(expected);
      });
    });

    it("every kind of answer was among them", async () => {
      const statuses = await Promise.all(
        Object.values(CASES).flatMap((one) => ACCEPTS.map(async (accept) => (await directly(one, accept)).status)),
      );
      expect(new Set(statuses)).toEqual(new Set([200, 400, 406, 500, 503, ...(mode === "reject" ? [403] : [])]));
    });

    it("data and errors are told apart from the text, and say the same", async () => {
      for (const one of Object.values(CASES)) {
        const { body } = await directly(one, undefined);
        if (body.kind !== "complete" || !body.result) throw new Error("the answer is not complete");
        const { data, errors } = body.result;
        expect(body.bytes).toBe(Buffer.byteLength(body.string));
        expect(JSON.parse(body.string)).toEqual({
          ...(data === undefined ? {} : { data: JSON.parse(data) as unknown }),
          ...(errors.length > 0 ? { errors: JSON.parse(JSON.stringify(errors)) as unknown } : {}),
        });
      }
    });

    it("every object that the caller sees costs one, and none that is hidden", async () => {
      const costOf = async (one: Case) => (await directly(one, undefined)).cost;
      const hits: Case = { body: "query Hits { hits { __typename ... on Thing { id name } ... on Secret { word } } }" };
      expect(await costOf({ ...hits, identity: STAFF })).toBe(2);
      expect(await costOf(hits)).toBe(mode === "filter" ? 1 : undefined);
      expect(await costOf(CASES["data"]!)).toBe(1);
      expect(await costOf(CASES["a mutation"]!)).toBe(11);
      expect(await costOf(CASES["a null beside an error of a subgraph"]!)).toBe(0);
      expect(await costOf(CASES["a variable too deep"]!)).toBeUndefined();
    });

    it("a fault is logged under the request's id, and its words stay here", async () => {
      lines.length = 0;
      const { status, body } = await directly({ body: "query Fault { hello }" }, undefined);
      expect([status, body]).toEqual([500, expect.objectContaining({ kind: "complete" })]);
      expect(JSON.stringify(body)).not.toContain("secret");
      expect(lines).toContainEqual(
        expect.objectContaining({ msg: "an operation failed unexpectedly", requestId: "request-1" }),
      );
    });

    it("nothing is run for a client that accepts no kind of answer", async () => {
      const [things] = subgraphs;
      things!.received.length = 0;
      const { status } = await directly({ body: 'mutation Unasked { rename(id: 1, name: "y") { id } }' }, "text/html");
      expect([status, things!.received]).toEqual([406, []]);
    });

    describe("a reload", () => {
      const IN_PARTS = "multipart/mixed;deferSpec=20220824, application/json";
      const LEAVING: Case = { body: "query Leaving { leaving }" };

      it("a call in parts keeps its graph to its last part, and the next one is checked against the new graph", async () => {
        expect((await directly(LEAVING, undefined)).status).toBe(200);
        const { status, headers, body } = await directly(CASES["deferred fields, as a whole"]!, IN_PARTS);
        expect([status, headers.get("content-type")]).toEqual([200, expect.stringContaining("multipart/mixed")]);
        const before = generations.current();
        const [things, sizes] = subgraphs;
        swap(createGeneration([{ ...things!, sdl: SDL.replace("leaving: String", "") }, sizes!]));
        expect(retired).not.toContain(before);

        if (body.kind !== "chunked") throw new Error("the answer is whole");
        let text = "";
        for await (const part of body.asyncIterator) text += part;
        expect(text).toContain('"hasNext":true');
        expect(text).toContain('{"size":10}');
        expect(text.trimEnd()).toMatch(/-----$/);
        expect(retired).toContain(before);

        const expected = shownOf(await throughApollo(LEAVING, undefined));
        expect(shownOf(await directly(LEAVING, undefined))).toEqual(expected);
        expect(expected.status).toBe(400);
      });
    });
  },
);
