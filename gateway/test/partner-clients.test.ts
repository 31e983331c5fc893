import { createHash, randomUUID } from "node:crypto";
import { ApolloClient, type DocumentNode, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import {
  generatePersistedQueryIdsAtRuntime,
  generatePersistedQueryIdsFromManifest,
} from "@apollo/persisted-query-lists";
import { type AnyVariables, Client, createRequest, fetchExchange, stringifyDocument } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { parse, print } from "graphql";
import { type ConcreteRequest, Environment, fetchQuery, Network, RecordSource, Store } from "relay-runtime";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { type PartnerGateway, startPartnerGateway } from "./harness/partner-gateway";

const BOOK = gql`
  query Book($id: ID!) {
    book(id: $id) {
      ...Shown
    }
  }
  fragment Shown on Book {
    id
    title
  }
`;
const RENAME = gql`
  mutation Rename($id: ID!, $title: String!) {
    rename(id: $id, title: $title) {
      id
      title
    }
  }
`;
const UNREGISTERED = gql`
  query Unregistered {
    book(id: "1") {
      id
    }
  }
`;
const RELAY_TEXT = "query RelayBookQuery($id: ID!) {\n  book(id: $id) {\n    id\n    title\n  }\n}";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
/** What Apollo Client sends of a document: with a type name in each selection. */
const asApolloPrints = (document: DocumentNode) => print(new InMemoryCache().transformDocument(document));
/** The tool behind Apollo's manifests sorts definitions. */
const asManifestPrints = (document: DocumentNode) => {
  const full = new InMemoryCache().transformDocument(document);
  return print({
    ...full,
    definitions: [...full.definitions].sort((a, b) => (a.kind === b.kind ? 0 : a.kind > b.kind ? -1 : 1)),
  });
};
/** Without the text it was written in, which urql would send as it is. */
const printed = (document: DocumentNode) => parse(print(document), { noLocation: true });
const asUrqlPrints = (document: DocumentNode) =>
  stringifyDocument(createRequest(printed(document), {} as AnyVariables).query);

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly body: Readonly<Record<string, unknown>>;
}

describe("the clients that partners use", () => {
  let library: FakeSubgraph;
  let gateway: PartnerGateway;
  let sent: Sent[];
  let number = 0;

  /** One partner for each way of printing: a partner registers what its own client prints. */
  beforeAll(async () => {
    library = await startFakeSubgraph({
      name: "library",
      sdl: `${federationLink('["@key"]')}
        type Book { id: ID! title: String! }
        type Query { book(id: ID!): Book }
        type Mutation { rename(id: ID!, title: String!): Book! }`,
      resolvers: {
        Query: { book: (_: unknown, { id }: { id: string }) => ({ id, title: `Book ${id}` }) },
        Mutation: { rename: (_: unknown, book: { id: string; title: string }) => book },
      },
    });
    gateway = await startPartnerGateway({
      subgraphs: [library],
      documents: {
        apollo: [asApolloPrints(BOOK), asApolloPrints(RENAME)],
        manifest: [asManifestPrints(BOOK), asManifestPrints(RENAME)],
        urql: [asUrqlPrints(BOOK), asUrqlPrints(RENAME)],
        relay: [RELAY_TEXT],
      },
    });
  });
  afterAll(async () => {
    await gateway?.close();
    await library?.close();
  });
  beforeEach(() => (sent = []));

  const endpoint = () => `${gateway.url}/partner/v1/graphql`;
  const headersOf = (partner: string): Record<string, string> => ({
    authorization: `Bearer ${gateway.keys[partner]}`,
    "idempotency-key": `call-${++number}`,
  });
  const recordingFetch: typeof fetch = (input, init) => {
    const url = new URL(String(input));
    const method = init?.method ?? "GET";
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as Sent["body"]) : {};
    sent.push({ method, url, body });
    return fetch(input, init);
  };
  const expectNoText = () => {
    for (const { url, body } of sent) {
      expect(url.searchParams.has("query")).toBe(false);
      expect(body["query"] ?? undefined).toBeUndefined();
    }
  };

  const apolloOf = (partner: string, link: PersistedQueryLink) =>
    new ApolloClient({
      cache: new InMemoryCache(),
      link: link.concat(new HttpLink({ uri: endpoint(), fetch: recordingFetch, headers: headersOf(partner) })),
      defaultOptions: { query: { fetchPolicy: "no-cache" } },
    });
  const manifestOf = (documents: readonly DocumentNode[]) => ({
    format: "apollo-persisted-query-manifest" as const,
    version: 1 as const,
    operations: documents.map((document) => {
      const body = asManifestPrints(document);
      const definition = document.definitions.find(({ kind }) => kind === "OperationDefinition");
      if (definition?.kind !== "OperationDefinition") throw new Error("there is no operation");
      return { id: sha256(body), name: definition.name?.value ?? "", type: definition.operation, body };
    }),
  });
  const links: readonly [string, string, () => ConstructorParameters<typeof PersistedQueryLink>[0]][] = [
    ["hashes at run time", "apollo", () => ({ sha256 })],
    [
      "the hashes that a code generator put beside the documents",
      "apollo",
      () => ({ generateHash: (document: DocumentNode) => `sha256:${sha256(print(document))}` }),
    ],
    ["@apollo/persisted-query-lists at run time", "manifest", () => generatePersistedQueryIdsAtRuntime({ sha256 })],
    [
      "ids from its manifest",
      "manifest",
      () => generatePersistedQueryIdsFromManifest({ loadManifest: () => Promise.resolve(manifestOf([BOOK, RENAME])) }),
    ],
  ];

  describe.each(links)("Apollo Client with %s", (_, partner, options) => {
    it.each([true, false])("runs queries, by GET: %s", async (useGETForHashedQueries) => {
      const client = apolloOf(partner, new PersistedQueryLink({ ...options(), useGETForHashedQueries }));
      const { data } = await client.query({ query: BOOK, variables: { id: "7" } });
      expect(data).toEqual({ book: { __typename: "Book", id: "7", title: "Book 7" } });
      expect(sent.map(({ method }) => method)).toEqual([useGETForHashedQueries ? "GET" : "POST"]);
      expectNoText();
    });

    it("runs mutations", async () => {
      const client = apolloOf(partner, new PersistedQueryLink(options()));
      const { data } = await client.mutate({
        mutation: RENAME,
        variables: { id: "7", title: "New" },
        context: { headers: { "idempotency-key": randomUUID() } },
      });
      expect(data).toEqual({ rename: { __typename: "Book", id: "7", title: "New" } });
      expectNoText();
    });
  });

  it("Apollo Client does not send the text of an operation that is not registered", async () => {
    const client = apolloOf("apollo", new PersistedQueryLink({ sha256 }));
    const asked = client.query({ query: UNREGISTERED });
    await expect(asked).rejects.toBeInstanceOf(CombinedGraphQLErrors);
    await expect(asked).rejects.toMatchObject({
      errors: [{ extensions: { code: "PERSISTED_QUERY_NOT_IN_LIST" } }],
    });
    expect(sent).toHaveLength(1);
    expectNoText();
  });

  describe("urql", () => {
    const clientWith = (options: Parameters<typeof persistedExchange>[0]) =>
      new Client({
        url: endpoint(),
        fetch: recordingFetch,
        fetchOptions: () => ({ headers: headersOf("urql") }),
        exchanges: [persistedExchange({ enableForMutation: true, ...options }), fetchExchange],
        preferGetMethod: "within-url-limit",
      });

    it.each([
      ["GET, as it does by itself", { preferGetForPersistedQueries: true }, "GET"],
      ["POST", { preferGetForPersistedQueries: false }, "POST"],
    ] as const)("runs queries by %s", async (_, options, method) => {
      const { data, error } = await clientWith(options).query(printed(BOOK), { id: "7" }).toPromise();
      expect(error).toBeUndefined();
      expect(data).toEqual({ book: { id: "7", title: "Book 7" } });
      expect(sent.map((request) => request.method)).toEqual([method]);
      expectNoText();
    });

    it("runs mutations", async () => {
      const fetchOptions = { headers: { ...headersOf("urql"), "idempotency-key": randomUUID() } };
      const variables = { id: "7", title: "New" };
      const { data, error } = await clientWith({}).mutation(printed(RENAME), variables, { fetchOptions }).toPromise();
      expect(error).toBeUndefined();
      expect(data).toEqual({ rename: { id: "7", title: "New" } });
      expectNoText();
    });

    it("does not send the text of an operation that is not registered, even where it would fall back", async () => {
      const client = clientWith({ enforcePersistedQueries: false });
      const { error } = await client.query(UNREGISTERED, {}).toPromise();
      expect(error?.graphQLErrors.map(({ extensions }) => extensions["code"])).toEqual(["PERSISTED_QUERY_NOT_IN_LIST"]);
      expect(sent).toHaveLength(1);
      expectNoText();
    });
  });

  /** As Relay's compiler writes it with `persistConfig`: the text is gone, the id is in its place. */
  const relayArtifact = (id: string): ConcreteRequest => {
    const selections = [
      {
        kind: "LinkedField" as const,
        name: "book",
        args: [{ kind: "Variable" as const, name: "id", variableName: "id" }],
        concreteType: "Book",
        plural: false,
        alias: null,
        storageKey: null,
        selections: ["id", "title"].map((name) => ({
          kind: "ScalarField" as const,
          name,
          args: null,
          alias: null,
          storageKey: null,
        })),
      },
    ];
    const argumentDefinitions = [{ kind: "LocalArgument" as const, name: "id", defaultValue: null }];
    return {
      kind: "Request",
      fragment: { kind: "Fragment", name: "RelayBookQuery", type: "Query", argumentDefinitions, selections },
      operation: { kind: "Operation", name: "RelayBookQuery", argumentDefinitions, selections },
      params: { id, text: null, name: "RelayBookQuery", operationKind: "query", metadata: {}, cacheID: id },
    } as unknown as ConcreteRequest;
  };

  describe("Relay", () => {
    const environmentOf = (parameter: string) =>
      new Environment({
        network: Network.create(async ({ id }, variables) => {
          const response = await recordingFetch(endpoint(), {
            method: "POST",
            headers: { ...headersOf("relay"), "content-type": "application/json" },
            body: JSON.stringify({ [parameter]: id, variables }),
          });
          return (await response.json()) as never;
        }),
        store: new Store(new RecordSource()),
      });

    it.each(["documentId", "doc_id", "id"])("runs queries by %s", async (parameter) => {
      const query = relayArtifact(sha256(RELAY_TEXT));
      const data = await fetchQuery(environmentOf(parameter), query, { id: "7" }).toPromise();
      expect(data).toEqual({ book: { id: "7", title: "Book 7" } });
      expectNoText();
    });

    it("is told about an operation that is not registered", async () => {
      const asked = fetchQuery(environmentOf("documentId"), relayArtifact(sha256("other")), { id: "7" }).toPromise();
      await expect(asked).rejects.toThrow(/not found in the persisted query list/);
      expect(sent).toHaveLength(1);
    });
  });
});
