import { randomUUID } from "node:crypto";
import { type ConfirmChannel, connect } from "amqplib";
import { SignJWT, generateKeyPair } from "jose";
import { createTopology } from "../../kit/amqp/topology";
import { createIdentityKey, signIdentity } from "../../kit/identity";
import { DEMO_VARIANT } from "../../schema/demo";
import { orderPlaced } from "../../schema/events/order-placed";
import { stockReserved } from "../../schema/events/stock-reserved";
import { PlaceOrderDocument } from "../../schema/generated/web";
import { environmentOf } from "../harness/child-processes";
import { CUSTOMER, STAFF } from "../harness/demo";
import { type Answer, postGraphql } from "../harness/graphql-client";
import { type Platform, subgraphUrl } from "../harness/platform";
import { placeOrder, readOrder, readStock } from "../harness/shopping";
import { waitUntil } from "../harness/wait-until";

const MEGABYTE = 1_048_576;
/** Traces of an inside that no answer may show. */
const INTERNALS = /\bat \w+.*\.(js|ts):\d+|node_modules|ECONNREFUSED|postgres|mongodb|127\.0\.0\.1:\d+|"stack/i;

export function tellBadInput(platform: () => Platform): void {
  const endpoint = () => `${platform().url}/graphql`;
  const post = (body: object | string, token?: string, headers?: Record<string, string>) =>
    postGraphql<Record<string, unknown>>(endpoint(), body, token, headers);

  describe("bad input", () => {
    let token: string;
    let processes: string[];
    const pids = () =>
      platform()
        .supervisor.children()
        .map(({ name, pid, start }) => `${name} ${pid} ${start}`)
        .sort();
    beforeAll(async () => {
      token = await platform().signIn(CUSTOMER);
      processes = pids();
      expect(processes.length).toBeGreaterThanOrEqual(5);
    });
    afterEach(() => expect(pids()).toEqual(processes));

    it.each([
      ["malformed JSON", '{"query": "{ __typename }"', 400, "BAD_REQUEST"],
      ["an empty body", "", 400, "BAD_REQUEST"],
      ["a body that is no object", '"{ __typename }"', 400, "BAD_REQUEST"],
      ["a request without a query", {}, 400, "BAD_REQUEST"],
      ["a query that is no text", { query: 42 }, 400, "BAD_REQUEST"],
      ["a document that is not GraphQL", { query: "{ me {" }, 400, "GRAPHQL_PARSE_FAILED"],
      ["an unknown field", { query: "{ me { shoeSize } }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
      ["an unknown argument", { query: "{ products(limit: 3) { totalCount } }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
      [
        "an operation that does not exist",
        { query: "query A { me { id } }", operationName: "B" },
        400,
        "OPERATION_RESOLUTION_FAILURE",
      ],
      ["a query of a megabyte", { query: `{ __typename ${" ".repeat(MEGABYTE)} }` }, 413, "PAYLOAD_TOO_LARGE"],
      ["a hundred levels of fields", { query: nested(100) }, 400, "OPERATION_LIMIT_EXCEEDED"],
      [
        "a thousand aliases",
        { query: `{ ${Array.from({ length: 1_000 }, (_, i) => `a${i}: __typename`).join(" ")} }` },
        400,
        "OPERATION_LIMIT_EXCEEDED",
      ],
      [
        "a subscription over HTTP that accepts one answer only",
        { query: 'subscription { orderUpdated(orderId: "x") { id } }' },
        406,
        "SUBSCRIPTION_TRANSPORT_REQUIRED",
      ],
      ["_service on the public endpoint", { query: "{ _service { sdl } }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
      [
        "_entities on the public endpoint",
        { query: '{ _entities(representations: [{ __typename: "User", id: "1" }]) { __typename } }' },
        400,
        "GRAPHQL_VALIDATION_FAILED",
      ],
    ])("%s is refused with a type", async (_, body, status, code) => {
      expectRefusal(await post(body), status, code);
    });

    it.each([
      ["a missing one", {}],
      ["one of the wrong type", { slug: 42 }],
      ["null", { slug: null }],
    ])("variables: %s is refused before anything runs", async (_, variables) => {
      const query = "query P($slug: String!) { product(slug: $slug) { id } }";
      const answer = await post({ query, variables });
      expect([200, 400]).toContain(answer.status);
      expect(answer.body.data ?? null).toBeNull();
      expect(codesOf(answer)).toEqual(["BAD_USER_INPUT"]);
      expect(JSON.stringify(answer.body)).not.toMatch(INTERNALS);
    });

    it("a mutation by GET, and a form that another site could send, are refused", async () => {
      const query = encodeURIComponent("mutation { logOut { endedSessions } }");
      const get = await fetch(`${endpoint()}?query=${query}`, { headers: { "apollo-require-preflight": "1" } });
      expect(get.status).toBe(405);
      expect(get.headers.get("allow")).toContain("POST");
      const form = await fetch(endpoint(), { method: "POST", body: new URLSearchParams({ query: "{ __typename }" }) });
      expect([400, 415]).toContain(form.status);
      expect(await form.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
    });

    it("a page size beyond its bounds, both ends of a list, and a cursor of one's own are user input errors", async () => {
      for (const args of ["first: 1000", "first: -1", "first: 1, last: 1", 'first: 1, after: "nonsense"']) {
        const answer = await post({ query: `{ products(${args}) { nodes { id } } }` });
        expect([args, codesOf(answer)]).toEqual([args, ["BAD_USER_INPUT"]]);
      }
    });

    it("no token: what is everybody's is answered, what is one's own is null with a type", async () => {
      const answer = await post({ query: '{ products(first: 1) { nodes { id } } user(id: "x") { id } me { id } }' });
      expect(answer.body.data).toMatchObject({ products: { nodes: [{}] }, me: null });
      const order = await post({
        query: "mutation M($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }",
        variables: { input: { lines: [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }] } },
      });
      expect(order.body.data ?? null).toBeNull();
      expect(codesOf(order)).toEqual(["UNAUTHENTICATED"]);
    });

    it.each([
      ["no token at all", async () => "nonsense"],
      ["one signed by somebody else", async () => forged({ expiresIn: "15m" })],
      ["an expired one", async () => forged({ expiresIn: "-1h" })],
      ["one whose signature was cut off", async () => `${token.split(".").slice(0, 2).join(".")}.`],
      ["one whose claims were changed", async () => withOtherClaims(token)],
      ["one with the algorithm none", async () => unsigned(token)],
    ])("a token that is %s is refused, for the whole request", async (_, make) => {
      const answer = await post({ query: "{ __typename me { id } }" }, await make());
      expect(answer.status).toBe(401);
      expect(codesOf(answer)).toEqual(["UNAUTHENTICATED"]);
      expect(JSON.stringify(answer.body)).not.toMatch(INTERNALS);
    });

    it("a request straight to a subgraph is answered 401, however it vouches for itself", async () => {
      for (const name of ["users", "products", "orders"] as const) {
        const url = `${await subgraphUrl(platform(), name)}/graphql`;
        const entities = '{ _entities(representations: [{ __typename: "User", id: "1" }]) { __typename } }';
        const stranger = createIdentityKey("x".repeat(40));
        const staff = { kind: "user" as const, subject: STAFF.id, roles: ["STAFF"], scopes: ["orders:read"] };
        for (const headers of [
          {},
          { authorization: `Bearer ${token}` },
          { "x-tributary-identity": await signIdentity(stranger, staff, name) },
        ]) {
          const answer = await postGraphql(url, { query: entities }, undefined, headers as Record<string, string>);
          expectRefusal(answer, 401, "UNAUTHENTICATED");
        }
      }
    });

    it("an identity header from a client is ignored, even a well signed one", async () => {
      const { INTERNAL_SECRET } = environmentOf(await platform().child("gateway"));
      const staff = {
        kind: "user" as const,
        subject: STAFF.id,
        roles: ["STAFF"],
        scopes: ["users:read", "products:write"],
      };
      for (const audience of ["users", "products"]) {
        const header = await signIdentity(createIdentityKey(INTERNAL_SECRET!), staff, audience);
        const query = `{ me { id } productVariant(id: "${DEMO_VARIANT.variantId}") { sku onHand } }`;
        const answer = await post({ query }, undefined, { "x-tributary-identity": header });
        expect(answer.body.data).toEqual({ me: null, productVariant: { sku: DEMO_VARIANT.sku, onHand: null } });
      }
    });

    it.each([
      ["a negative quantity", [{ variantId: DEMO_VARIANT.variantId, quantity: -1 }], "INVALID_QUANTITY"],
      ["a quantity of nothing", [{ variantId: DEMO_VARIANT.variantId, quantity: 0 }], "INVALID_QUANTITY"],
      ["a huge quantity", [{ variantId: DEMO_VARIANT.variantId, quantity: 2_147_483_647 }], "INVALID_QUANTITY"],
      [
        "a quantity that is huge in two lines",
        [1, 2].map(() => ({ variantId: DEMO_VARIANT.variantId, quantity: 600 })),
        "INVALID_QUANTITY",
      ],
      ["an unknown variant", [{ variantId: randomUUID(), quantity: 1 }], "UNKNOWN_VARIANT"],
      ["an id that is no id", [{ variantId: "'; drop table orders; --", quantity: 1 }], "UNKNOWN_VARIANT"],
      ["no lines", [], "EMPTY_ORDER"],
      [
        "too many lines",
        Array.from({ length: 101 }, () => ({ variantId: randomUUID(), quantity: 1 })),
        "TOO_MANY_LINES",
      ],
    ])("an order with %s is refused as a result that says why", async (_, lines, code) => {
      const { status, body } = await platform().graphql(PlaceOrderDocument, { lines }, token);
      expect(status).toBe(200);
      expect(body.errors).toBeUndefined();
      expect(body.data?.placeOrder).toMatchObject({ code, message: expect.stringMatching(/\.$/) });
    });

    it("a quantity that no Int can hold, or half a unit, is a user input error", async () => {
      for (const quantity of [2_147_483_648, 1.5, "2"]) {
        const variables = { lines: [{ variantId: DEMO_VARIANT.variantId, quantity }] };
        const answer = await platform().graphql(PlaceOrderDocument, variables as never, token);
        expect(codesOf(answer)).toEqual(["BAD_USER_INPUT"]);
      }
    });

    it("an unknown product is null, not an error", async () => {
      const query = `{ a: product(slug: "no-such-thing") { id } b: product(id: "${randomUUID()}") { id } c: product(id: "%") { id } }`;
      expect((await post({ query })).body).toEqual({ data: { a: null, b: null, c: null } });
    });

    it("the same order sent twice at once with one idempotency key is one order; with other lines it is a conflict", async () => {
      const lines = [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }];
      const idempotencyKey = randomUUID();
      const orders = await Promise.all([1, 2, 3].map(() => placeOrder(platform(), token, lines, idempotencyKey)));
      expect(new Set(orders.map(({ id }) => id)).size).toBe(1);
      const other = { lines: [{ variantId: DEMO_VARIANT.variantId, quantity: 2 }], idempotencyKey };
      const { body } = await platform().graphql(PlaceOrderDocument, other, token);
      expect(body.data?.placeOrder).toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
    });

    it("broken events on the exchange are set aside, and the next order is confirmed as ever", async () => {
      const { AMQP_URL, AMQP_NAMESPACE } = environmentOf(await platform().child("orders"));
      const topology = createTopology(AMQP_NAMESPACE);
      const connection = await connect(AMQP_URL!);
      let dead = 0;
      try {
        const channel = await connection.createConfirmChannel();
        await channel.prefetch(100);
        const isAttached = await channel.consume(
          topology.deadLog,
          (message) => {
            if (!message) return;
            dead++;
            channel.ack(message);
          },
          { arguments: { "x-stream-offset": "next" } },
        );
        expect(isAttached.consumerTag).toBeTruthy();
        const sent = await publishBroken(channel, topology.events);
        // Each type has one listener, and no broken event is worth a second try.
        await waitUntil(`${sent} dead letters`, () => dead >= sent);
      } finally {
        await connection.close();
      }
      const staff = await platform().signIn(STAFF);
      const before = await readStock(platform(), staff, DEMO_VARIANT.variantId);
      const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }]);
      await waitUntil("a confirmed order", async () => {
        return (await readOrder(platform(), token, order.id))?.status === "CONFIRMED";
      });
      expect((await readStock(platform(), staff, DEMO_VARIANT.variantId)).onHand).toBe(before.onHand);
    });

    it("leaves the platform ready", async () => {
      expect(await platform().isReady()).toBe(true);
    });
  });
}

/** @returns how many were published */
async function publishBroken(channel: ConfirmChannel, exchange: string): Promise<number> {
  const attributes = (type: string, id: string = randomUUID()) => ({
    cloudEvents_specversion: "1.0",
    cloudEvents_id: id,
    cloudEvents_type: type,
    cloudEvents_source: "/elsewhere",
    cloudEvents_subject: randomUUID(),
    cloudEvents_time: new Date().toISOString(),
  });
  const placed = { orderId: randomUUID(), userId: randomUUID() };
  const line = { variantId: DEMO_VARIANT.variantId, productId: DEMO_VARIANT.productId };
  const bodies: [type: string, headers: Record<string, string>, body: string][] = [
    [orderPlaced.type, attributes(orderPlaced.type), "{ not json"],
    [orderPlaced.type, attributes(orderPlaced.type), ""],
    [orderPlaced.type, attributes(orderPlaced.type), "null"],
    [orderPlaced.type, {}, JSON.stringify({ ...placed, lines: [{ ...line, quantity: 1 }] })],
    [orderPlaced.type, attributes(orderPlaced.type), JSON.stringify({ ...placed, lines: [] })],
    [orderPlaced.type, attributes(orderPlaced.type), JSON.stringify({ ...placed, lines: [{ ...line, quantity: -5 }] })],
    [orderPlaced.type, attributes(orderPlaced.type), '{ "__proto__": { "orderId": "x" } }'],
    [stockReserved.type, attributes(stockReserved.type), JSON.stringify({ orderId: 42 })],
    [stockReserved.type, attributes(stockReserved.type), JSON.stringify({ orderId: "no-uuid" })],
    [stockReserved.type, attributes(stockReserved.type), `{ "orderId": "${"x".repeat(2 * MEGABYTE)}" }`],
  ];
  for (const [type, headers, body] of bodies) channel.publish(exchange, type, Buffer.from(body), { headers });
  await channel.waitForConfirms();
  return bodies.length;
}

function expectRefusal(answer: Answer<unknown>, status: number, code: string): void {
  expect(answer.body.data ?? null).toBeNull();
  expect(answer.body.errors?.map(({ extensions }) => extensions?.code)).toContain(code);
  expect(answer.status).toBe(status);
  expect(JSON.stringify(answer.body)).not.toMatch(INTERNALS);
}

const codesOf = ({ body }: Answer<unknown>) => [...new Set(body.errors?.map(({ extensions }) => extensions?.code))];

/** A document that validates: categories have children, who have a parent, who has children, and so on. */
const nested = (depth: number): string => `{ categories { ${"children { ".repeat(depth)} id ${"} ".repeat(depth)} } }`;

async function forged({ expiresIn }: { expiresIn: string }): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA");
  return new SignJWT({ roles: ["ADMIN"], scope: "orders:read users:read" })
    .setProtectedHeader({ alg: "EdDSA", kid: "theirs" })
    .setSubject(STAFF.id)
    .setIssuer("tributary")
    .setAudience("tributary")
    .setExpirationTime(expiresIn)
    .sign(privateKey);
}

function withOtherClaims(token: string): string {
  const [header, payload, signature] = token.split(".") as [string, string, string];
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
  return [header, encode({ ...claims, sub: STAFF.id, scope: "orders:read" }), signature].join(".");
}

function unsigned(token: string): string {
  const [, payload] = token.split(".") as [string, string];
  return [encode({ alg: "none", typ: "JWT" }), payload, "x"].join(".");
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
