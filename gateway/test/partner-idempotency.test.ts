import { createHash, randomUUID } from "node:crypto";
import http from "node:http";
import { fingerprintOf } from "../partners/idempotency/fingerprint";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { manifestOf } from "./harness/partner-gateway";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { createTestPartners, partnersReady, type TestPartners } from "./harness/test-partners";

const ORDERS_SDL = `${federationLink('["@key"]')}
  type Query { orders: Int! }
  type Mutation {
    buy(sku: String!, note: Note): Order!
    soldOut: Order
    broken: Order
    huge: String
    guarded: Order
  }
  input Note { text: String to: String }
  type Order @key(fields: "id") { id: ID! sku: String }
`;
const STOCK_SDL = `${federationLink('["@key"]')}
  type Query { stock: Int! }
  type Mutation { ship(id: ID!): Int }
`;
const BUY = `mutation Buy($sku: String!, $note: Note) @rest(path: "/orders") { buy(sku: $sku, note: $note) { id sku } }`;
const BUY_BY_ID = `mutation BuyById($sku: String!) {\n  buy(sku: $sku) {\n    id\n  }\n}`;
const DOCUMENTS = [
  BUY,
  BUY_BY_ID,
  `mutation SoldOut { soldOut { id } }`,
  `mutation Huge { huge }`,
  `mutation Ship($id: ID!) { ship(id: $id) }`,
  `mutation Both { buy(sku: "b") { id } ship(id: 1) }`,
  `query Orders { orders }`,
];
const idOf = (body: string) => createHash("sha256").update(body).digest("hex");

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

describe("mutations of partners with an idempotency key", () => {
  let orders: FakeSubgraph;
  let stock: FakeSubgraph;
  let partners: TestPartners;
  let gateways: readonly TestGateway[];
  let gate: { readonly opened: Promise<void>; open(): void } | undefined;
  let placed = 0;
  let serial = 0;

  beforeAll(async () => {
    orders = await startFakeSubgraph({
      name: "orders",
      sdl: ORDERS_SDL,
      before: async () => gate?.opened,
      resolvers: {
        Query: { orders: () => placed },
        Mutation: {
          buy: (_: unknown, { sku }: { sku: string }) => ({ id: String(++placed), sku }),
          soldOut: () => {
            placed++;
            throw Object.assign(new Error("It is sold out."), { extensions: { code: "CONFLICT" } });
          },
          huge: () => `${++placed}${"x".repeat(300_000)}`,
        },
      },
    });
    stock = await startFakeSubgraph({
      name: "stock",
      sdl: STOCK_SDL,
      resolvers: { Mutation: { ship: () => ++placed } },
    });
    partners = await createTestPartners(["acme", "globex"]);
    await partners.publish(manifestOf({ acme: DOCUMENTS, globex: [BUY] }));
    const env = {
      INTERNAL_SECRET: "an internal secret of 32 characters!",
      IDEMPOTENT_SUBGRAPHS: "orders",
      ...partners.env,
    };
    const subgraphs = [orders, stock];
    gateways = await Promise.all([startTestGateway({ subgraphs, env }), startTestGateway({ subgraphs, env })]);
    await Promise.all(gateways.map((gateway) => partnersReady(gateway)));
  });
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close();
    await Promise.all([partners.close(), orders.close(), stock.close()]);
  });
  afterEach(() => {
    gate?.open();
    gate = undefined;
  });

  const close = () => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    gate = { opened, open };
    return gate;
  };
  const newKey = () => `key-${serial++}`;
  const keyOf = (partner: string) => partners.keys[partner] ?? "";

  const post = async (
    where: string,
    body: unknown,
    key: string | undefined,
    { at = 0, partner = "acme", signal }: { at?: number; partner?: string; signal?: AbortSignal } = {},
  ): Promise<Answered> => {
    const response = await fetch(`${gateways[at]?.url}/partner/v1${where}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${keyOf(partner)}`,
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Answered["body"] };
  };
  const codeOf = ({ body }: Answered) =>
    body["code"] ?? (body["errors"] as [{ extensions: { code: string } }])[0].extensions.code;
  const buy = (key: string | undefined, variables: object = { sku: "a" }, more: Parameters<typeof post>[3] = {}) =>
    post("/orders", variables, key, more);
  /** How many effects the work had. */
  const effects = async (work: () => Promise<unknown>) => {
    const before = placed;
    await work();
    return placed - before;
  };
  const arrived = async (count: number) => {
    while (orders.received.length < count) await new Promise((resolve) => setImmediate(resolve));
  };

  it.each([
    ["over REST", "/orders", { sku: "a" }],
    ["by id", "/graphql", { documentId: idOf(BUY_BY_ID), variables: { sku: "a" } }],
  ])("are refused without one, and with one that cannot be used, %s", async (_door, where, body) => {
    const made = await effects(async () => {
      for (const key of [undefined, "", '"open', "with blank", "x".repeat(256), '""']) {
        const answer = await post(where, body, key);
        expect([answer.status, codeOf(answer)]).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
      }
    });
    expect(made).toBe(0);
  });

  it("are refused when the header comes twice, also with the same key", async () => {
    const status = await new Promise((resolve, reject) => {
      const request = http.request(`${gateways[0]?.url}/partner/v1/orders`, { method: "POST" }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      request.on("error", reject);
      request.setHeader("content-type", "application/json");
      request.setHeader("x-api-key", keyOf("acme"));
      request.setHeader("Idempotency-Key", ["one", "one"]);
      request.end('{"sku":"a"}');
    });
    expect(status).toBe(400);
  });

  it("queries need none", async () => {
    const response = await fetch(`${gateways[0]?.url}/partner/v1/ops/Orders`, {
      headers: { "x-api-key": keyOf("acme") },
    });
    expect(response.status).toBe(200);
  });

  it("run once: the same call again, at any gateway, has the same answer, and says so", async () => {
    const key = newKey();
    const first = await buy(key, { sku: "a", note: { text: "t", to: "u" } });
    expect(first.headers.has("idempotent-replayed")).toBe(false);
    const made = await effects(async () => {
      for (const [at, sent] of [
        [0, key],
        [1, key],
        [1, `"${key}"`],
      ] as const) {
        const again = await buy(sent, { note: { to: "u", text: "t" }, sku: "a" }, { at });
        expect([again.status, again.text]).toEqual([first.status, first.text]);
        expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
        expect(again.headers.get("idempotent-replayed")).toBe("true");
      }
    });
    expect(made).toBe(0);
  });

  it("by id, an answer is given again byte for byte", async () => {
    const key = newKey();
    const body = { documentId: idOf(BUY_BY_ID), variables: { sku: "a" } };
    const first = await post("/graphql", body, key);
    const again = await post("/graphql", body, key, { at: 1 });
    expect([again.status, again.text, again.headers.get("content-type")]).toEqual([
      200,
      first.text,
      first.headers.get("content-type"),
    ]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });

  it("of fifty calls at once one runs, and the others are told so or have its answer", async () => {
    const key = newKey();
    let answers: readonly Answered[] = [];
    const made = await effects(async () => {
      answers = await Promise.all(Array.from({ length: 50 }, (_, i) => buy(key, { sku: "a" }, { at: i % 2 })));
    });
    expect(made).toBe(1);
    const [first] = answers.filter(({ status }) => status === 200);
    for (const answer of answers) {
      if (answer.status === 200) expect(answer.text).toBe(first?.text);
      else {
        expect([answer.status, codeOf(answer)]).toEqual([409, "IDEMPOTENCY_KEY_IN_USE"]);
        expect(answer.headers.get("retry-after")).toBe("1");
      }
    }
    expect((await buy(key)).text).toBe(first?.text);
  });

  it("a key belongs to one call: other variables and other operations are refused", async () => {
    const key = newKey();
    await buy(key);
    const others = [
      await buy(key, { sku: "b" }),
      await buy(key, { sku: "a", note: null }, { at: 1 }),
      await post("/graphql", { documentId: idOf(BUY_BY_ID), variables: { sku: "a" } }, key),
    ];
    for (const other of others) expect([other.status, codeOf(other)]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  it("another partner's key of the same text is another key", async () => {
    const key = newKey();
    const own = await buy(key);
    const other = await buy(key, { sku: "a" }, { partner: "globex" });
    expect(other.headers.has("idempotent-replayed")).toBe(false);
    expect(other.body["id"]).not.toBe(own.body["id"]);
    const [a, b] = orders.received.slice(-2).map(({ headers }) => headers["x-tributary-idempotency-key"]);
    expect(a).not.toBe(b);
  });

  it("what a mutation answered with errors is given again; what was refused before it ran is not kept", async () => {
    const key = newKey();
    const made = await effects(async () => {
      const first = await post("/ops/SoldOut", {}, key);
      const again = await post("/ops/SoldOut", {}, key);
      expect([first.status, codeOf(first)]).toEqual([409, "CONFLICT"]);
      expect([again.status, codeOf(again), again.headers.get("idempotent-replayed")]).toEqual([
        409,
        "CONFLICT",
        "true",
      ]);
    });
    expect(made).toBe(1);

    const other = newKey();
    const body = (variables: object) => ({ documentId: idOf(BUY_BY_ID), variables });
    const bad = await post("/graphql", body({ sku: 7 }), other);
    expect([bad.status, codeOf(bad)]).toEqual([400, "BAD_USER_INPUT"]);
    expect((await post("/graphql", body({ sku: "a" }), other)).status).toBe(200);
  });

  it("an answer that is too large to be kept is given once, and the mutation runs once", async () => {
    const key = newKey();
    const made = await effects(async () => {
      const first = await post("/ops/Huge", {}, key);
      expect([first.status, first.text.length > 300_000]).toEqual([200, true]);
      const again = await post("/ops/Huge", {}, key);
      expect([again.status, codeOf(again)]).toEqual([409, "IDEMPOTENCY_ANSWER_NOT_KEPT"]);
    });
    expect(made).toBe(1);
  });

  it("run to their end when the caller goes, and the answer is there when it comes back", async () => {
    const key = newKey();
    const { open } = close();
    const leaving = new AbortController();
    const count = orders.received.length;
    const made = await effects(async () => {
      const sent = buy(key, { sku: "a" }, { signal: leaving.signal });
      await arrived(count + 1);
      leaving.abort();
      await expect(sent).rejects.toThrow();
      expect(codeOf(await buy(key, { sku: "a" }, { at: 1 }))).toBe("IDEMPOTENCY_KEY_IN_USE");
      open();
      let again: Answered;
      do again = await buy(key, { sku: "a" }, { at: 1 });
      while (again.status === 409);
      expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    });
    expect(made).toBe(1);
  });

  it("subgraphs hear one key for every try of a call, and never the client's own header", async () => {
    const key = newKey();
    const sent = await fetch(`${gateways[0]?.url}/partner/v1/orders`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-api-key": keyOf("acme"),
        "idempotency-key": key,
        "x-tributary-idempotency-key": "forged",
      },
      body: '{"sku":"a"}',
    });
    expect(sent.status).toBe(200);
    const told = orders.lastHeaders()["x-tributary-idempotency-key"];
    expect(told).toMatch(/^[\w-]{43}$/);
    expect(orders.lastHeaders()["idempotency-key"]).toBeUndefined();
    await gateways[0]?.post(
      { query: 'mutation { buy(sku: "x") { id } }' },
      { "x-tributary-idempotency-key": "forged" },
    );
    expect(orders.lastHeaders()["x-tributary-idempotency-key"]).toBeUndefined();
  });

  describe("when the gateway that ran one was lost", () => {
    /** As a gateway leaves it behind. */
    const leaveBehind = async (name: string, variables: object) => {
      const key = newKey();
      const manifest = JSON.parse(manifestOf({ acme: DOCUMENTS })) as { operations: { id: string; name: string }[] };
      const id = manifest.operations.find((one) => one.name === name)?.id ?? "";
      const fingerprint = fingerprintOf(`sha256:${id}`, variables as Record<string, unknown>);
      await partners.source.query(
        `insert into idempotency_keys (partner_id, mode, key, operation, fingerprint, state, claim, lease_until, expires_at)
         values ($1, 'live', $2, $3, $4, 'running', $5, now() - interval '1 second', now() + interval '1 day')`,
        [partners.ids["acme"], key, name, fingerprint, randomUUID()],
      );
      return key;
    };

    it("it is run again where its subgraph honours the key, by one of many", async () => {
      const key = await leaveBehind("Buy", { sku: "a" });
      const made = await effects(async () => {
        const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => buy(key, { sku: "a" }, { at: i % 2 })));
        expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
      });
      expect(made).toBe(1);
      expect((await buy(key)).headers.get("idempotent-replayed")).toBe("true");
    });

    it.each([
      ["Ship", { id: "1" }],
      ["Both", {}],
    ])("%s is not run again: one of its subgraphs would do it twice", async (name, variables) => {
      const key = await leaveBehind(name, variables);
      const made = await effects(async () => {
        for (const at of [0, 1]) {
          const answer = await post(`/ops/${name}`, variables, key, { at });
          expect([answer.status, codeOf(answer)]).toEqual([409, "IDEMPOTENCY_OUTCOME_UNKNOWN"]);
        }
      });
      expect(made).toBe(0);
      expect(codeOf(await post("/ops/Ship", { id: "other" }, key))).toBe("IDEMPOTENCY_KEY_REUSED");
    });

    it("and lives after all, it has no answer of its own any more", async () => {
      const key = newKey();
      const { open } = close();
      const count = orders.received.length;
      const late = buy(key);
      await arrived(count + 1);
      const [row] = await partners.source.query<{ claim: string }[]>(
        "update idempotency_keys set claim = gen_random_uuid() where key = $1 returning claim",
        [key],
      );
      expect(row).toBeDefined();
      open();
      const answer = await late;
      expect([answer.status, codeOf(answer)]).toEqual([409, "IDEMPOTENCY_KEY_IN_USE"]);
    });
  });

  describe("when the database is away", () => {
    afterEach(() => partners.network.heal());

    it.each(["refuse", "hold"] as const)(
      "nothing is run, and the caller is told to come again (%s)",
      async (break_) => {
        const key = newKey();
        await buy(newKey());
        await partners.network[break_]();
        const made = await effects(async () => {
          const answer = await buy(key);
          expect([answer.status, codeOf(answer)]).toEqual([503, "SERVICE_UNAVAILABLE"]);
        });
        expect(made).toBe(0);
      },
    );

    it("what runs already is answered, and kept as soon as it is back", async () => {
      const key = newKey();
      const { open } = close();
      const count = orders.received.length;
      const sent = buy(key);
      await arrived(count + 1);
      await partners.network.refuse();
      open();
      const first = await sent;
      expect(first.status).toBe(200);
      await partners.network.heal();
      const made = await effects(async () => {
        let again: Answered;
        do again = await buy(key, { sku: "a" }, { at: 1 });
        while (again.status === 409 || again.status === 503);
        expect([again.status, again.text, again.headers.get("idempotent-replayed")]).toEqual([200, first.text, "true"]);
      });
      expect(made).toBe(0);
    });
  });
});
