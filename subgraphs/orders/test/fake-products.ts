import type { IncomingMessage, ServerResponse } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse } from "graphql";
import { listen } from "../../../kit/http/listen";
import { readBody } from "../../../kit/http/read-body";
import { createIdentityKey, IDENTITY_HEADER, verifyIdentity } from "../../../kit/identity";
import { newId } from "../../../kit/ids";
import type { Viewer } from "../../../kit/viewer";

/** The part of the products subgraph's contract that orders asks for. */
const CONTRACT = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"])
  type Query { productCount: Int! }
  type ProductVariant @key(fields: "id") { id: ID! sku: String! title: String! price: Money! product: Product! }
  type Product @key(fields: "id") { id: ID! name: String! status: ProductStatus! }
  type Money { amountMinor: Int! currency: CurrencyCode! }
  enum CurrencyCode { EUR USD GBP }
  enum ProductStatus { DRAFT PUBLISHED ARCHIVED }
`);

export interface FakeVariant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly price: { amountMinor: number; currency: "EUR" | "USD" | "GBP" };
  readonly product: { id: string; name: string; status: "DRAFT" | "PUBLISHED" | "ARCHIVED" };
}

export interface FakeProducts {
  readonly url: string;
  /** One per request that was answered. */
  readonly calls: { viewer: Viewer; variantIds: string[]; requestId: string | undefined }[];
  /** What answers instead, such as a server that breaks the connection; `undefined` for the real thing. */
  trouble: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  add(variant?: Partial<FakeVariant>): FakeVariant;
  close(): Promise<void>;
}

/** A products subgraph over real HTTP, with the variants that a test puts into it. */
export async function startFakeProducts(internalSecret: string): Promise<FakeProducts> {
  const variants = new Map<string, FakeVariant>();
  const key = createIdentityKey(internalSecret);
  const schema = buildSubgraphSchema({
    typeDefs: CONTRACT,
    resolvers: {
      ProductVariant: { __resolveReference: ({ id }: { id: string }) => variants.get(id) ?? null },
    } as never,
  });

  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    if (fake.trouble) return fake.trouble(req, res);
    const header = req.headers[IDENTITY_HEADER];
    const viewer = await verifyIdentity(key, typeof header === "string" ? header : undefined, "products");
    const { query, variables } = JSON.parse((await readBody(req, 1_048_576)).toString("utf8")) as {
      query: string;
      variables: { representations: { id: string }[] };
    };
    const requestId = req.headers["x-request-id"];
    fake.calls.push({
      viewer,
      variantIds: variables.representations.map(({ id }) => id),
      requestId: typeof requestId === "string" ? requestId : undefined,
    });
    const result = await graphql({ schema, source: query, variableValues: variables });
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify(result));
  };
  const listener = await listen((req, res) => void answer(req, res).catch(() => res.writeHead(401).end()), {
    port: 0,
    host: "127.0.0.1",
    drainMs: 0,
  });

  const fake: FakeProducts = {
    url: `http://127.0.0.1:${listener.port}/graphql`,
    calls: [],
    trouble: undefined,
    add: (given) => {
      const id = given?.id ?? newId();
      const variant: FakeVariant = {
        id,
        sku: `SKU-${id.slice(-6)}`,
        title: "350 ml",
        price: { amountMinor: 1_490, currency: "EUR" },
        product: { id: newId(), name: "River Stone Mug", status: "PUBLISHED" },
        ...given,
      };
      variants.set(id, variant);
      return variant;
    },
    close: () => listener.close(),
  };
  return fake;
}
