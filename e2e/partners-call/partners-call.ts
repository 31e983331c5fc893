import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { print } from "graphql";
import { createApiKey } from "../../kit/api-key";
import { DEMO_PARTNER_KEY, DEMO_VARIANT } from "../../schema/demo";
import { GetProductDocument } from "../../schema/generated/partners/acme";
import { commandLine } from "../harness/command-line";
import { CUSTOMER } from "../harness/demo";
import { postGraphql } from "../harness/graphql-client";
import type { Platform } from "../harness/platform";
import { waitUntil } from "../harness/wait-until";

interface Manifest {
  readonly operations: readonly { readonly id: string; readonly name: string; readonly clientName: string }[];
}

export function tellPartnersCall(platform: () => Platform): void {
  const manifestFile = path.resolve(__dirname, "../../schema/operations/partners/manifest.json");
  const { operations } = JSON.parse(fs.readFileSync(manifestFile, "utf8")) as Manifest;
  const idOf = (name: string) => operations.find((operation) => operation.name === name)!.id;
  const id = idOf("GetProduct");
  const variables = { slug: DEMO_VARIANT.productSlug };

  const call = (body: object | string, headers: Record<string, string> = { "x-api-key": DEMO_PARTNER_KEY }) =>
    postGraphql<Record<string, unknown>>(`${platform().url}/partner/v1/graphql`, body, undefined, headers);

  describe("a partner", () => {
    it.each([
      ["documentId with a prefix", { documentId: `sha256:${id}` }],
      ["documentId without one", { documentId: id }],
      ["documentId in capital letters", { documentId: id.toUpperCase() }],
      ["Apollo's extension", { extensions: { persistedQuery: { version: 1, sha256Hash: id } } }],
      [
        "Apollo's extension as code generators fill it",
        { extensions: { persistedQuery: { version: 1, sha256Hash: `sha256:${id}` } } },
      ],
      ["Relay's doc_id", { doc_id: id }],
      ["docId", { docId: id }],
      ["id", { id }],
      ["queryId", { queryId: id }],
    ])("runs a registered operation by its id, spelled as %s", async (_, spelling) => {
      const { status, body } = await call({ ...spelling, variables });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        data: { product: { id: DEMO_VARIANT.productId, slug: DEMO_VARIANT.productSlug } },
      });
    });

    it("may send the key as a bearer token too, and the operation's own name", async () => {
      const request = { documentId: id, operationName: "GetProduct", variables };
      const { status, body } = await call(request, { authorization: `Bearer ${DEMO_PARTNER_KEY}` });
      expect(status).toBe(200);
      expect(body.errors).toBeUndefined();
    });

    it("reads orders with the scope that its key has, as nobody without a key could", async () => {
      const token = await platform().signIn(CUSTOMER);
      const { body: mine } = await platform().graphql<{ me: { orders: { nodes: { id: string }[] } } }>(
        "{ me { orders(last: 1) { nodes { id } } } }",
        {},
        token,
      );
      const orderId = mine.data!.me.orders.nodes[0]!.id;
      const { body } = await call({ documentId: idOf("GetOrder"), variables: { id: orderId } });
      expect(body).toMatchObject({ data: { order: { id: orderId } } });
      const anonymous = await platform().graphql<{ order: unknown }>("query ($id: ID!) { order(id: $id) { id } }", {
        id: orderId,
      });
      expect(anonymous.body.data?.order ?? null).toBeNull();
    });

    it("places an order for a customer once, however often and at whichever door it sends the same Idempotency-Key", async () => {
      const token = await platform().signIn(CUSTOMER);
      const { body: mine } = await platform().graphql<{ me: { id: string } }>("{ me { id } }", {}, token);
      const customerId = mine.data!.me.id;
      const count = async () => {
        const { body } = await platform().graphql<{ me: { orders: { totalCount: number } } }>(
          "{ me { orders { totalCount } } }",
          {},
          token,
        );
        return body.data!.me.orders.totalCount;
      };
      const before = await count();
      const placing = { customerId, lines: [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }] };
      const post = async (path: string, body: object, key: string) => {
        const headers = { "x-api-key": DEMO_PARTNER_KEY, "content-type": "application/json", "idempotency-key": key };
        const init = { method: "POST", headers, body: JSON.stringify(body) };
        const response = await fetch(`${platform().url}/partner/v1${path}`, init);
        // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is what is tested
        const answered = (await response.json()) as any;
        return { status: response.status, replayed: response.headers.get("idempotent-replayed"), body: answered };
      };
      const key = randomUUID();
      const first = await post("/orders", placing, key);
      expect(first).toMatchObject({ status: 200, replayed: null, body: { __typename: "PlaceOrderSuccess" } });
      const again = await post("/orders", placing, key);
      expect(again).toEqual({ ...first, replayed: "true" });
      const byId = await post("/graphql", { documentId: idOf("PlaceOrder"), variables: placing }, key);
      expect(byId).toEqual({ status: 200, replayed: "true", body: { data: { placeOrder: first.body } } });
      expect(await count()).toBe(before + 1);

      const other = { ...placing, lines: [{ variantId: DEMO_VARIANT.variantId, quantity: 2 }] };
      expect(await post("/orders", other, key)).toMatchObject({
        status: 422,
        body: { code: "IDEMPOTENCY_KEY_REUSED" },
      });
      expect(await post("/orders", placing, "")).toMatchObject({
        status: 400,
        body: { code: "IDEMPOTENCY_KEY_REQUIRED" },
      });
      expect(await count()).toBe(before + 1);

      const { id: orderId } = first.body.order as { id: string };
      const cancelling = randomUUID();
      const cancelled = await post(`/orders/${orderId}/cancellation`, {}, cancelling);
      expect(cancelled).toMatchObject({ status: 200, body: { order: { status: "CANCELLED" } } });
      expect((await post(`/orders/${orderId}/cancellation`, {}, cancelling)).body).toEqual(cancelled.body);
      const late = await post(`/orders/${orderId}/cancellation`, {}, randomUUID());
      expect(late.body).toMatchObject({ __typename: "OrderNotCancellableError" });
    });

    it.each([
      ["free text", { query: "{ products { totalCount } }" }, 403, "QUERY_NOT_IN_SAFELIST"],
      ["the text of a registered operation", { query: print(GetProductDocument) }, 403, "QUERY_NOT_IN_SAFELIST"],
      ["an id that nobody registered", { documentId: "f".repeat(64) }, 404, "PERSISTED_QUERY_NOT_IN_LIST"],
      ["an id that is none", { documentId: "../../etc/passwd" }, 404, "PERSISTED_QUERY_NOT_IN_LIST"],
      ["an id and a text", { documentId: id, query: "{ __typename }" }, 400, "CANNOT_SEND_PQ_ID_AND_BODY"],
      ["neither", { variables: {} }, 400, "PERSISTED_QUERY_ID_REQUIRED"],
      ["introspection", { query: "{ __schema { types { name } } }" }, 403, "QUERY_NOT_IN_SAFELIST"],
      ["malformed JSON", "{", 400, "BAD_REQUEST"],
      ["a list of requests", [{ documentId: id }], 400, "BAD_REQUEST"],
    ])("is refused %s", async (_, body, status, code) => {
      const answer = await call(body);
      expect(answer.status).toBe(status);
      expect(answer.body.errors?.map(({ extensions }) => extensions?.code)).toEqual([code]);
      expect(answer.body.data ?? null).toBeNull();
      // At this word Apollo Client and urql send the whole text.
      expect(JSON.stringify(answer.body)).not.toMatch(
        /PersistedQueryNot(Found|Supported)|PERSISTED_QUERY_NOT_(FOUND|SUPPORTED)/,
      );
      if (String(code).includes("QUERY")) expect(answer.headers.get("cache-control")).toContain("no-cache");
    });

    it("is told which variable is missing", async () => {
      const answer = await call({ documentId: id, variables: {} });
      expect(answer.body.errors?.map(({ extensions }) => extensions?.code)).toEqual(["BAD_USER_INPUT"]);
    });

    it.each([
      ["no key", {}],
      ["a key that is none", { "x-api-key": "hello" }],
      ["a key with a typing error", { "x-api-key": DEMO_PARTNER_KEY.replace("abc", "abd") }],
      ["a well formed key that nobody was given", { "x-api-key": createApiKey("live").text }],
      ["two keys that differ", { "x-api-key": DEMO_PARTNER_KEY, authorization: `Bearer ${createApiKey("live").text}` }],
    ] as [string, Record<string, string>][])("is not let in with %s", async (_, headers) => {
      const answer = await call({ documentId: id, variables }, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
      expect(answer.body).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    });

    it("is not let in with a customer's token, nor does its key open the public endpoint", async () => {
      const token = await platform().signIn(CUSTOMER);
      const asCustomer = await call({ documentId: id, variables }, { authorization: `Bearer ${token}` });
      expect(asCustomer.status).toBe(401);
      const { status, body } = await platform().graphql("{ me { id } }", {}, DEMO_PARTNER_KEY);
      expect(status).toBe(401);
      expect(body.errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    });

    it("is let in with a second key that a command made, and no longer once a command revoked it", async () => {
      const partners = commandLine(platform().dataDirectory);
      const made = await partners("keys create --partner acme --scopes products:read --label story");
      const key = String(made["key"]);
      const enter = async () => (await call({ documentId: id, variables }, { "x-api-key": key })).status;
      expect(await enter()).toBe(200);
      const { scopes, state } = await partners(`keys revoke ${String(made["keyId"])}`);
      expect([scopes, state]).toEqual([["products:read"], "revoked"]);
      await waitUntil("the revoked key to be refused", async () => (await enter()) === 401, { deadlineMs: 3_000 });
    });

    it("reads which operations there are on a page of this server", async () => {
      const page = await fetch(`${platform().url}/partner/v1/docs`);
      expect(page.headers.get("content-type")).toContain("text/html");
      const html = await page.text();
      for (const { id, name } of operations)
        expect([name, html.includes(name) && html.includes(id)]).toEqual([name, true]);
    });
  });
}
