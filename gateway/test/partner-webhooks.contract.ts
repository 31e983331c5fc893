import { randomUUID } from "node:crypto";
import { connect } from "amqplib";
import { waitUntil } from "../../e2e/harness/wait-until";
import { type Broker, connectBroker } from "../../kit/amqp/connect-broker";
import { createPublisher, type EventPublisher } from "../../kit/amqp/create-publisher";
import type { EventMessage } from "../../kit/amqp/event-message";
import { createTopology, type Topology } from "../../kit/amqp/topology";
import { createApiKey } from "../../kit/api-key";
import { newId } from "../../kit/ids";
import { createLogger } from "../../kit/log";
import { DELIVERY_DELAYS_MS } from "../partners/webhooks/retry-schedule";
import { type Receiver, startReceiver, verified, verifiesEd25519 } from "../partners/webhooks/test/receiver";
import { createAnswerCheck, findOpenApiErrors, type OpenApi } from "./harness/check-openapi";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { manifestOf } from "./harness/partner-gateway";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { createTestPartners, partnersReady, type TestPartners } from "./harness/test-partners";

const EVENT = "shop.thing.changed.v1";
const SDL = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@requiresScopes", "@composeDirective"])
    @link(url: "https://tributary.dev/event/v1.0", import: ["@event"])
    @composeDirective(name: "@event")
  directive @event(types: [String!]!, key: String!, where: String, authorize: String) on FIELD_DEFINITION
  type Query { one: Thing }
  type Thing @key(fields: "id") { id: ID! n: Int! }
  type Subscription {
    things(of: String!): Thing! @requiresScopes(scopes: [["things:read"]])
      @event(types: ["${EVENT}"], key: "id", where: "of == $args.of")
    thing(id: ID!): Thing! @event(types: ["${EVENT}"], key: "id", where: "id == $args.id")
  }
`;
const DOCUMENTS = {
  acme: [
    "subscription Things($of: String!) { things(of: $of) { key: id n } }",
    "subscription Thing($id: ID!) { thing(id: $id) { n } }",
    "query One { one { id } }",
  ],
  globex: ["subscription Things($of: String!) { things(of: $of) { id } }"],
};
const SCOPES = ["webhooks", "things:read"];

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is what is tested
  readonly body: any;
}

/** Webhooks from the event to the partner's server, through gateways as they are. */
export function describePartnerWebhooks(on: { name: string; url(): string }): void {
  describe(`webhooks on ${on.name}`, () => {
    const namespace = `t-${newId()}`;
    const topology: Topology = createTopology(namespace);
    const things = new Map<string, { n: number } | "broken">();
    let shop: FakeSubgraph;
    let partners: TestPartners;
    let receiver: Receiver;
    let broker: Broker;
    let publisher: EventPublisher;
    let gateway: TestGateway;
    let check: ReturnType<typeof createAnswerCheck> | undefined;
    let keys: { acme: string; globex: string; unscoped: string; test: string };

    const start = async (env: Readonly<Record<string, string>> = {}) => {
      const made = await startTestGateway({
        subgraphs: [shop],
        env: {
          INTERNAL_SECRET: "an internal secret of 32 characters!",
          AMQP_URL: on.url(),
          AMQP_NAMESPACE: namespace,
          ...partners.env,
          ...env,
        },
      });
      await partnersReady(made);
      return made;
    };
    const call = async (
      method: string,
      path = "",
      body?: unknown,
      key = keys.acme,
      from = gateway,
    ): Promise<Answered> => {
      const response = await fetch(`${from.url}/partner/v1/webhooks${path}`, {
        method,
        headers: { "x-api-key": key, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status, headers } = response;
      const answered = text === "" ? undefined : (JSON.parse(text) as unknown);
      // Whatever a test looks at, each answer is what OpenAPI says.
      if (answered !== undefined) {
        expect(check?.(method, `/webhooks${path.replace(/\?.*/, "")}`, status, answered) ?? []).toEqual([]);
      }
      return { status, headers, body: answered };
    };
    /** @returns what was answered: with the secret */
    const endpoint = async (
      of: string,
      more: object = {},
      key = keys.acme,
    ): Promise<{ id: string; secret: string }> => {
      const { status, body } = await call(
        "POST",
        "",
        { url: receiver.url, operation: "Things", variables: { of }, ...more },
        key,
      );
      if (status !== 201) throw new Error(JSON.stringify(body));
      return body as { id: string; secret: string };
    };
    const changed = (of: string, id: string, n: number): EventMessage => {
      things.set(id, { n });
      const time = new Date().toISOString();
      return { id: newId(), type: EVENT, source: "/shop", subject: id, time, data: { id, of, n } };
    };
    const publish = async (...events: readonly EventMessage[]) => {
      for (const event of events) while (!(await publisher.publish([event]))[0]) await new Promise(setImmediate);
    };
    const state = (id: string, path = "") => call("GET", `/${id}/deliveries${path}`).then(({ body }) => body.items);
    const got = (count: number) => waitUntil(`${count} requests`, () => receiver.received.length >= count);

    beforeAll(async () => {
      shop = await startFakeSubgraph({
        name: "shop",
        sdl: SDL,
        resolvers: {
          Thing: {
            __resolveReference: ({ id }: { id: string }) => {
              const found = things.get(id);
              if (found === "broken") throw new Error("a secret of the shop");
              return found ? { id, ...found } : null;
            },
          },
        },
      });
      partners = await createTestPartners(["acme", "globex"]);
      await partners.publish(manifestOf(DOCUMENTS));
      keys = {
        acme: await partners.addKey("acme", { scopes: SCOPES }),
        globex: await partners.addKey("globex", { scopes: SCOPES }),
        unscoped: await partners.addKey("acme", { scopes: ["things:read"] }),
        test: await partners.addKey("acme", { scopes: SCOPES }, createApiKey("test")),
      };
      broker = await connectBroker({ url: on.url(), log: createLogger("test", "silent"), name: "test" });
      publisher = createPublisher(broker, topology);
      gateway = await start();
      const described = await fetch(`${gateway.url}/partner/v1/openapi.json`, { headers: { "x-api-key": keys.acme } });
      const document = (await described.json()) as OpenApi;
      expect(findOpenApiErrors(document)).toEqual([]);
      check = createAnswerCheck(document);
      // Events from before the queue is there are nobody's.
      const probe = await connect(on.url());
      await waitUntil("the gateway's queue", async () => {
        const channel = await probe.createChannel();
        channel.on("error", () => undefined);
        return (await channel.checkQueue(topology.handlerQueue("gateway", "webhooks")).catch(() => undefined))
          ?.consumerCount;
      });
      await probe.close();
    }, 60_000);
    beforeEach(async () => {
      receiver = await startReceiver();
    });
    afterEach(async () => {
      await partners.source.query("delete from webhook_endpoints");
      await partners.source.query("update webhook_revision set value = value + 1");
      await receiver.close();
    });
    afterAll(async () => {
      await gateway?.close();
      await publisher.close();
      await broker.close();
      const connection = await connect(on.url());
      const channel = await connection.createChannel();
      const ours = ["webhooks", "webhooks.wake", ...new Set(DELIVERY_DELAYS_MS.map((ms) => `webhooks.in.${ms}ms`))];
      const queues = [topology.log, topology.deadLog, ...topology.delays.map(({ queue }) => queue)];
      for (const queue of [...ours.map((name) => topology.handlerQueue("gateway", name)), ...queues]) {
        await channel.deleteQueue(queue);
      }
      for (const exchange of [topology.events, topology.retry, topology.dead]) await channel.deleteExchange(exchange);
      await connection.close();
      await partners.close();
      await shop.close();
    });

    test("an event becomes what the partner's subscription asks for, signed, for those whose filter it fits", async () => {
      const { secret, id } = await endpoint("mine");
      await endpoint("other");
      const one = changed("mine", "t1", 7);
      await publish(changed("nobody", "t0", 1), one);
      await got(1);
      const [received] = receiver.received;
      expect(verified(secret, received!)).toEqual({
        type: EVENT,
        timestamp: one.time,
        data: { things: { key: "t1", n: 7 } },
      });
      await waitUntil("the log", async () => (await state(id))[0]?.state === "delivered");
      expect(await state(id)).toMatchObject([
        {
          id: received!.id,
          type: EVENT,
          eventId: one.id,
          state: "delivered",
          attempts: [{ status: 204, error: null }],
        },
      ]);
      expect(receiver.received).toHaveLength(1);
    });

    test("the same event twice is one message", async () => {
      const { id } = await endpoint("twice");
      const event = changed("twice", "t2", 1);
      await publish(event, event, changed("twice", "t3", 1));
      await got(2);
      await waitUntil("both", async () =>
        (await state(id)).every((one: { state: string }) => one.state === "delivered"),
      );
      expect((await state(id)).map((one: { eventId: string }) => one.eventId)).toHaveLength(2);
    });

    test("what happens while gateways end and begin is delivered at least once, in order of each entity", async () => {
      const { secret } = await endpoint("order");
      const events = Array.from({ length: 60 }, (_, i) => changed("order", `e${i % 4}`, i));
      const second = await start();
      await publish(...events.slice(0, 20));
      // The one that consumes goes first; a moment without any follows.
      await gateway.close();
      await publish(...events.slice(20, 30));
      await second.close();
      await publish(...events.slice(30, 50));
      gateway = await start();
      await publish(...events.slice(50));
      const ids = () => new Set(receiver.received.map((one) => one.id));
      await waitUntil("all of them", () => ids().size === 60, { deadlineMs: 60_000 });
      const firsts = receiver.received.filter((one, i, all) => all.findIndex(({ id }) => id === one.id) === i);
      const order = await partners.source.query<{ id: string; event_id: string }[]>(
        "select id, event_id from webhook_messages",
      );
      const eventOf = new Map(order.map((row) => [row.id, row.event_id]));
      for (let entity = 0; entity < 4; entity++) {
        const wanted = events.filter(({ subject }) => subject === `e${entity}`).map((event) => event.id);
        const seen = firsts.map((one) => eventOf.get(one.id)!).filter((eventId) => wanted.includes(eventId));
        expect(seen).toEqual(wanted);
      }
      expect(() => firsts.forEach((one) => verified(secret, one))).not.toThrow();
    }, 120_000);

    test("a subgraph that fails holds nothing back but its event; the reason is nobody's secret", async () => {
      const { id } = await endpoint("failing");
      const broken = changed("failing", "b1", 1);
      things.set("b1", "broken");
      await publish(broken, changed("failing", "b2", 2));
      await got(1);
      const [waiting] = await waitUntil("the failure", async () => {
        const found = await state(id, "?state=waiting");
        return found[0]?.lastError ? found : undefined;
      });
      expect(waiting).toMatchObject({ eventId: broken.id, lastError: "Unexpected error." });
      things.set("b1", { n: 5 });
      await got(2);
      expect(JSON.parse(receiver.received[1]!.text)).toMatchObject({ data: { things: { key: "b1", n: 5 } } });
    });

    test("a partner whose keys may not see a thing any more is sent nothing, and reads why", async () => {
      const key = createApiKey("live");
      const text = await partners.addKey("globex", { scopes: SCOPES }, key);
      const { id } = await endpoint("revoked", {}, text);
      await partners.source.query("update api_keys set scopes = '{webhooks}' where partner_id = $1", [
        partners.ids["globex"],
      ]);
      await publish(changed("revoked", "r1", 1));
      await waitUntil("the end", async () => {
        const { body } = await call("GET", `/${id}/deliveries`, undefined, keys.globex);
        return body.items?.[0]?.state === "dropped";
      });
      const { body } = await call("GET", `/${id}`, undefined, keys.globex);
      expect(body.log[0]).toMatchObject({ kind: "dropped" });
      await partners.source.query("update api_keys set scopes = $2 where partner_id = $1", [
        partners.ids["globex"],
        SCOPES,
      ]);
      await publish(changed("revoked", "r2", 2));
      await got(1);
      expect(receiver.received).toHaveLength(1);
      expect(receiver.received[0]?.text).toContain("r2");
    });

    test("a thing that is gone is told of to nobody", async () => {
      const { id } = await endpoint("gone");
      const event = changed("gone", "g1", 1);
      things.delete("g1");
      await publish(event);
      await waitUntil("the end", async () => (await state(id))[0]?.state === "dropped");
      expect(receiver.received).toHaveLength(0);
    });

    test("a paused endpoint keeps its events and gets them when it is active again; a removed one gets nothing", async () => {
      const { id } = await endpoint("paused");
      expect((await call("PATCH", `/${id}`, { state: "paused" })).body).toMatchObject({ state: "paused" });
      await publish(changed("paused", "p1", 1));
      await waitUntil("the message", async () => (await state(id)).length === 1);
      expect(receiver.received).toHaveLength(0);
      expect((await call("PATCH", `/${id}`, { state: "active" })).status).toBe(200);
      await got(1);
      const { id: other } = await endpoint("removed");
      expect((await call("DELETE", `/${other}`)).status).toBe(204);
      expect((await call("GET", `/${other}`)).status).toBe(404);
      await publish(changed("removed", "p2", 1), changed("paused", "p3", 1));
      await got(2);
      expect(receiver.received.some(({ text }) => text.includes("p2"))).toBe(false);
    });

    describe("the API", () => {
      test("shows the secret once, and the endpoint to its partner alone", async () => {
        const made = await call("POST", "", { url: receiver.url, operation: "Things", variables: { of: "x" } });
        expect(made.status).toBe(201);
        expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
        expect(made.headers.get("location")).toBe(`/partner/v1/webhooks/${made.body.id}`);
        const { secret, ...shown } = made.body;
        const read = await call("GET", `/${made.body.id}`);
        expect(read.body).toMatchObject({ ...shown, secrets: [{ expiresAt: null }], log: [{ kind: "created" }] });
        expect(JSON.stringify([read.body, (await call("GET")).body])).not.toContain(secret);
        expect((await call("GET")).body.items).toEqual([shown]);
        expect((await call("GET", "", undefined, keys.globex)).body.items).toEqual([]);
        for (const [method, path, body] of [
          ["GET", "", undefined],
          ["PATCH", "", { state: "paused" }],
          ["DELETE", "", undefined],
          ["POST", "/test", undefined],
          ["POST", "/rotate-secret", {}],
          ["GET", "/deliveries", undefined],
          ["POST", "/replay", { since: "2026-01-01T00:00:00Z" }],
          ["POST", "/deliveries/msg_1/replay", undefined],
        ] as const) {
          for (const key of [keys.globex, keys.test]) {
            const answer = await call(method, `/${made.body.id}${path}`, body, key);
            expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 404, "NOT_FOUND"]);
          }
        }
        const rows = await partners.source.query("select sealed from webhook_secrets");
        expect(JSON.stringify(rows)).not.toContain(secret.slice("whsec_".length));
      });

      test("shows a key for some operations no endpoint of others", async () => {
        const { id } = await endpoint("hidden");
        const limited = await partners.addKey("acme", { scopes: SCOPES, operations: ["Thing"] });
        expect((await call("GET", "", undefined, limited)).body.items).toEqual([]);
        for (const [method, path] of [
          ["GET", ""],
          ["POST", "/test"],
          ["POST", "/rotate-secret"],
        ] as const) {
          expect((await call(method, `/${id}${path}`, undefined, limited)).status).toBe(404);
        }
        const allowed = await partners.addKey("acme", { scopes: SCOPES, operations: ["Things"] });
        expect((await call("GET", `/${id}`, undefined, allowed)).status).toBe(200);
      });

      test("lets no key with fewer scopes say where messages go, or what signs them", async () => {
        const { id } = await endpoint("guarded");
        const lesser = await partners.addKey("acme", { scopes: ["webhooks"] });
        for (const [method, path, body] of [
          ["PATCH", "", { url: `${receiver.url}/mine` }],
          ["POST", "/rotate-secret", {}],
        ] as const) {
          const refused = await call(method, `/${id}${path}`, body, lesser);
          expect([refused.status, refused.body.code]).toEqual([403, "FORBIDDEN"]);
          expect(refused.body.detail).toContain("things:read");
        }
        expect((await call("GET", `/${id}`, undefined, lesser)).body).toMatchObject({
          url: receiver.url,
          log: [{ kind: "created" }],
        });
      });

      test("needs its scope, a key and what it knows", async () => {
        const problem = { type: "about:blank", requestId: expect.any(String) as string };
        const refused = await call("GET", "", undefined, keys.unscoped);
        expect(refused).toMatchObject({ status: 403, body: { ...problem, code: "FORBIDDEN" } });
        expect(refused.headers.get("content-type")).toContain("application/problem+json");
        expect((await call("GET", "", undefined, "no key")).status).toBe(401);
        expect((await call("PUT")).status).toBe(405);
        expect((await call("GET", "/x/y/z")).status).toBe(404);
        expect((await call("GET", `/${randomUUID()}`)).status).toBe(404);
        expect((await call("GET", "/%00")).status).toBe(404);
      });

      test.each([
        [400, undefined],
        [400, "{"],
        [400, {}],
        [400, { url: 5, operation: "Things" }],
        [400, { url: "https://hooks.example/", operation: "Things", more: 1 }],
        [400, { url: "https://hooks.example/", operation: "Things", signature: "none" }],
        [422, { url: "ftp://hooks.example/", operation: "Things", variables: { of: "x" } }],
        [422, { url: "https://u:p@hooks.example/", operation: "Things", variables: { of: "x" } }],
        [422, { url: "https://hooks.example/", operation: "One" }],
        [422, { url: "https://hooks.example/", operation: "Nothing" }],
        [422, { url: "https://hooks.example/", operation: "Things" }],
        [422, { url: "https://hooks.example/", operation: "Things", variables: { of: { $ne: 1 } } }],
        [422, { url: "https://hooks.example/", operation: "Thing", variables: { id: "nothing here" } }],
      ])("refuses what cannot be an endpoint: %d for %j", async (status, body) => {
        const answer = await call("POST", "", body);
        expect([answer.status, answer.body.status]).toEqual([status, status]);
        expect((await call("GET")).body.items).toEqual([]);
      });

      test("has ten endpoints for a partner, no more", async () => {
        const made = await Promise.all(
          Array.from({ length: 12 }, () =>
            call("POST", "", { url: receiver.url, operation: "Things", variables: { of: "x" } }),
          ),
        );
        expect(made.map(({ status }) => status).sort()).toEqual([...Array<number>(10).fill(201), 409, 409]);
      });

      test("sends a test at once and tells what came of it, whatever state the endpoint is in", async () => {
        const { id, secret } = await endpoint("tested");
        const { status, body } = await call("POST", `/${id}/test`);
        expect([status, body]).toMatchObject([200, { delivered: true, attempt: { status: 204, error: null } }]);
        expect(verified(secret, receiver.received[0]!)).toMatchObject({ type: "tributary.webhook.test" });
        expect(receiver.received[0]?.id).toBe(body.id);
        receiver.answer = (res) => res.writeHead(500).end("broken");
        await call("PATCH", `/${id}`, { state: "paused" });
        expect((await call("POST", `/${id}/test`)).body).toMatchObject({
          delivered: false,
          attempt: { status: 500, response: "broken" },
        });
        expect((await state(id)).map((one: { state: string }) => one.state)).toEqual(["parked", "delivered"]);
        // A key for tests has endpoints of its own, which nothing but tests reach.
        const mine = await endpoint("tested", {}, keys.test);
        receiver.answer = 204;
        expect((await call("POST", `/${mine.id}/test`, undefined, keys.test)).body.delivered).toBe(true);
      });

      test("rotates the secret with an overlap", async () => {
        const { id, secret } = await endpoint("rotated");
        const { body } = await call("POST", `/${id}/rotate-secret`, { overlapHours: 1 });
        await call("POST", `/${id}/test`);
        for (const one of [secret, body.secret]) expect(() => verified(one, receiver.received[0]!)).not.toThrow();
        const last = await call("POST", `/${id}/rotate-secret`, { overlapHours: 0 });
        await call("POST", `/${id}/test`);
        for (const one of [secret, body.secret]) expect(() => verified(one, receiver.received[1]!)).toThrow();
        expect(() => verified(last.body.secret, receiver.received[1]!)).not.toThrow();
        expect((await call("POST", `/${id}/rotate-secret`, { overlapHours: 1_000 })).status).toBe(400);
      });

      test("signs by Ed25519 for who asks for that, and tells the public key whenever it is asked", async () => {
        const made = await endpoint("asymmetric", { signature: "v1a" });
        const { publicKey, secret } = made as { publicKey?: string; secret?: string };
        expect([publicKey, secret]).toEqual([expect.stringMatching(/^whpk_/), undefined]);
        await call("POST", `/${made.id}/test`);
        const [first] = receiver.received;
        expect(verifiesEd25519(publicKey!, first!.text, first!.headers)).toBe(true);
        const { body } = await call("POST", `/${made.id}/rotate-secret`, {});
        expect((await call("GET", `/${made.id}`)).body.secrets).toMatchObject([
          { expiresAt: null, publicKey: body.publicKey },
          { expiresAt: body.previousExpiresAt, publicKey },
        ]);
        await call("POST", `/${made.id}/test`);
        const [, second] = receiver.received;
        for (const key of [publicKey, body.publicKey]) {
          expect(verifiesEd25519(key, second!.text, second!.headers)).toBe(true);
        }
        const rows = await partners.source.query("select sealed from webhook_secrets");
        expect(JSON.stringify(rows)).not.toContain("whsk_");
      });

      test("pages the log of deliveries, and sends again what is asked for", async () => {
        const { id } = await endpoint("paged");
        await publish(...[1, 2, 3].map((n) => changed("paged", `q${n}`, n)));
        await waitUntil("all", async () => (await state(id, "?state=delivered")).length === 3);
        const first = await call("GET", `/${id}/deliveries?first=2`);
        expect(first.body.items).toHaveLength(2);
        const [, next] = /^<([^>]+)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
        const second = await call("GET", next!.replace("/partner/v1/webhooks", ""));
        expect(second.body).toMatchObject({ items: [{}], next: null });
        expect(second.headers.get("link")).toBeNull();
        const seen = [...first.body.items, ...second.body.items].map((one: { id: string }) => one.id);
        expect(new Set(seen).size).toBe(3);
        expect((await call("GET", `/${id}/deliveries?state=odd`)).status).toBe(400);
        expect((await call("GET", `/${id}/deliveries?after=odd`)).status).toBe(400);

        expect(await call("POST", `/${id}/deliveries/${seen[0]}/replay`)).toMatchObject({
          status: 202,
          body: { replayed: 1 },
        });
        await got(4);
        expect(receiver.received[3]?.id).toBe(seen[0]);
        expect((await call("POST", `/${id}/deliveries/msg_unknown/replay`)).status).toBe(404);
        const since = { since: "2026-01-01T00:00:00Z" };
        expect((await call("POST", `/${id}/replay`, since)).body).toEqual({ replayed: 0 });
        await waitUntil("the replay", async () => (await state(id, "?state=delivered")).length === 3);
        await partners.source.query("update webhook_messages set state = 'parked' where endpoint_id = $1", [id]);
        expect((await call("POST", `/${id}/replay`, since)).body).toEqual({ replayed: 3 });
        await got(7);
        expect((await call("POST", `/${id}/replay`, { since: "yesterday" })).status).toBe(400);
      });

      test("says so where there is no broker", async () => {
        const alone = await startTestGateway({ subgraphs: [shop], env: { ...partners.env } });
        await partnersReady(alone);
        expect(await call("GET", "", undefined, keys.acme, alone)).toMatchObject({
          status: 503,
          body: { code: "SERVICE_UNAVAILABLE", detail: expect.stringContaining("no webhooks") as string },
        });
        await alone.close();
      });

      test("in production sends to no private address, and keeps no such endpoint", async () => {
        const { id } = await endpoint("production");
        const strict = await start({ PARTNER_WEBHOOK_ALLOW_PRIVATE: "false" });
        const body = { url: "https://10.0.0.1/", operation: "Things", variables: { of: "x" } };
        expect((await call("POST", "", body, keys.acme, strict)).status).toBe(422);
        const sent = await call("POST", `/${id}/test`, undefined, keys.acme, strict);
        expect(sent.body.attempt).toMatchObject({
          status: null,
          error: expect.stringContaining("public internet") as string,
        });
        expect(receiver.received).toHaveLength(0);
        await strict.close();
      });
    });

    // The last one, for it changes what is registered.
    test("an endpoint goes with its operation's name when the text that it began with is retired", async () => {
      const { id } = await endpoint("versions");
      const before = (await call("GET", `/${id}`)).body.operationId;
      const [, ...others] = DOCUMENTS.acme;
      const next = "subscription Things($of: String!) { things(of: $of) { only: n } }";
      await partners.publish(manifestOf({ acme: [next, ...others] }), new Date());
      await waitUntil("the registry", async () => {
        const made = await call("POST", "", {
          url: "http://127.0.0.1:9/",
          operation: "Things",
          variables: { of: "-" },
        });
        if (made.status === 201) await call("DELETE", `/${made.body.id}`);
        return made.status === 201 && made.body.operationId !== before;
      });
      await publish(changed("versions", "v1", 3));
      await got(1);
      expect(JSON.parse(receiver.received[0]!.text)).toMatchObject({ data: { things: { only: 3 } } });
    });
  });
}
