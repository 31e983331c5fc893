import { HeaderMap } from "@apollo/server";
import { buildSchema } from "graphql";
import { createAccessControl } from "../access/enforcement/access-control";
import { DEFAULT_LIMITS } from "../access/limits/operation-limits";
import type { ExecutableOperation } from "../execution/executor";
import { createGenerations, type Generation } from "../generation";
import { createGraphqlServer } from "../http/create-graphql-server";
import { createMemoryCache } from "../http/persisted-query-cache";
import { createDocumentChecker } from "../operation/check-document";
import { compose, federationLink } from "./harness/compose";
import { startFakeSubgraph } from "./harness/fake-subgraph";
import { recordingLog } from "./harness/recording-log";
import { startTestGateway } from "./harness/test-gateway";

function createGate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const sdlWith = (field: string) => `${federationLink('["@key"]')} type Query { always: String ${field}: String }`;

describe("a reload while requests are on their way", () => {
  it.each(["true", "false"])("each ends on the graph it began on (WARM_DOOR=%s)", async (WARM_DOOR) => {
    let hold: { wait: Promise<void>; arrived: () => void } | undefined;
    const subgraph = await startFakeSubgraph({
      name: "a",
      sdl: sdlWith("before"),
      before: () => {
        hold?.arrived();
        return hold?.wait ?? Promise.resolve();
      },
      resolvers: { Query: { always: () => "always", before: () => "before" } },
    });
    const gateway = await startTestGateway({ subgraphs: [subgraph], env: { WARM_DOOR } });
    const query = { query: "{ always before }" };
    try {
      await gateway.post(query);
      const [gate, arrived] = [createGate(), createGate()];
      hold = { wait: gate.opened, arrived: arrived.open };
      const known = gateway.post(query);
      await arrived.opened;
      const from = gateway.lines.length;
      await gateway.replaceSupergraph(compose([{ name: "a", sdl: sdlWith("after"), url: subgraph.url }]));
      await gateway.logged("a changed file is served", from);
      const unknown = await gateway.post(query);
      expect([unknown.status, unknown.body.errors?.[0]?.extensions["code"]]).toEqual([
        400,
        "GRAPHQL_VALIDATION_FAILED",
      ]);
      gate.open();
      expect((await known).body).toEqual({ data: { always: "always", before: "before" } });
    } finally {
      await gateway.close();
      await subgraph.close();
    }
  });

  it("an operation that is being prepared when the graph changes is answered, and its graph retired after that", async () => {
    const preparing = createGate();
    const prepared = createGate();
    const generation = (field: string): Generation => {
      const operation: ExecutableOperation = {
        kind: "query",
        bytes: 1,
        hasDeferred: false,
        plan: undefined,
        execute: () => Promise.resolve({ data: `{"${field}":1}`, errors: [] }),
      };
      return {
        supergraph: { apiSchema: buildSchema(`type Query { ${field}: Int }`), runtimeSdl: field },
        rules: { isEmpty: true },
        operations: {
          find: () => undefined,
          prepare: async () => {
            preparing.open();
            await prepared.opened;
            return operation;
          },
        },
        overrideLabels: { chosenFor: () => [] },
      } as unknown as Generation;
    };
    let current = generation("one");
    const first = current;
    let change: (next: Generation, previous: Generation) => void = () => undefined;
    const listeners: (typeof change)[] = [];
    change = (next, previous) => {
      current = next;
      for (const listener of listeners) listener(next, previous);
    };
    const retired: Generation[] = [];
    const generations = createGenerations(
      {
        current: () => current,
        onChange: (listener) => {
          listeners.push(listener);
          return () => undefined;
        },
        close: () => Promise.resolve(),
      },
      (old) => void retired.push(old),
    );
    const server = await createGraphqlServer({
      generations,
      access: createAccessControl({ mode: "filter" }),
      checker: createDocumentChecker({ limits: DEFAULT_LIMITS, introspection: true, suggestions: true }),
      persistedQueries: createMemoryCache(1_000),
      introspection: true,
      suggestions: true,
      socketPath: "/graphql",
      log: recordingLog().log,
    });
    const ask = (query: string) =>
      server.answer(
        { method: "POST", headers: new HeaderMap([["content-type", "application/json"]]), search: "", body: { query } },
        { requestId: "r", traceparent: "t", viewer: undefined },
      );
    try {
      const asked = ask("{ one }");
      await preparing.opened;
      change(generation("two"), first);
      expect(retired).toEqual([]);
      prepared.open();
      expect((await asked).body).toEqual({ kind: "complete", string: '{"data":{"one":1}}\n' });
      expect(retired).toEqual([first]);
      expect((await ask("{ two }")).body).toEqual({ kind: "complete", string: '{"data":{"two":1}}\n' });
    } finally {
      await server.close();
    }
  });
});
