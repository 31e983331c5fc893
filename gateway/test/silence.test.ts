import dns from "node:dns";
import net from "node:net";
import { type Shop, startShop } from "./harness/shop";
import { startTestGateway } from "./harness/test-gateway";

/** Variables with which Apollo's libraries begin to report by themselves. */
const TEMPTATIONS = {
  APOLLO_KEY: "service:shop:secret",
  APOLLO_GRAPH_REF: "shop@current",
  APOLLO_SCHEMA_REPORTING: "true",
  APOLLO_TELEMETRY_DISABLED: "false",
};

describe("nothing phones home", () => {
  let shop: Shop;
  const before = { ...process.env };

  beforeAll(async () => {
    shop = await startShop();
    Object.assign(process.env, TEMPTATIONS);
  });
  afterAll(async () => {
    for (const name of Object.keys(TEMPTATIONS)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await shop.close();
  });

  it("from start to end every connection goes to a configured subgraph", async () => {
    const targets: string[] = [];
    const connect = net.Socket.prototype.connect;
    const spy = jest.spyOn(net.Socket.prototype, "connect").mockImplementation(function (
      this: net.Socket,
      ...args: unknown[]
    ) {
      const [first] = (Array.isArray(args[0]) ? args[0] : args) as [{ host?: string; port?: number }];
      targets.push(`${first.host}:${first.port}`);
      return connect.apply(this, args as Parameters<typeof connect>);
    });
    const lookup = jest.spyOn(dns, "lookup");
    try {
      const gateway = await startTestGateway({ subgraphs: shop.all });
      expect((await gateway.post({ query: "{ product(id: 1) { name reviews { stars } } }" })).status).toBe(200);
      await gateway.post({ query: "{ broken" });
      const { port } = gateway;
      // Reporters flush what they have when they are closed.
      await gateway.close();
      const allowed = new Set([port, shop.catalog.port, shop.reviews.port].map((own) => `127.0.0.1:${own}`));
      expect(targets.length).toBeGreaterThanOrEqual(2);
      expect(targets.filter((target) => !allowed.has(target))).toEqual([]);
      expect(lookup.mock.calls.map(([host]) => host).filter((host) => host !== "127.0.0.1")).toEqual([]);
    } finally {
      spy.mockRestore();
      lookup.mockRestore();
    }
  });
});
