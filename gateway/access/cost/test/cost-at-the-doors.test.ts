import { type Shop, startShop } from "../../../test/harness/shop";
import { startTestGateway, type TestGateway } from "../../../test/harness/test-gateway";

describe("the cost limit at the doors", () => {
  let shop: Shop;
  let gateway: TestGateway;

  beforeAll(async () => {
    shop = await startShop();
    gateway = await startTestGateway({ subgraphs: shop.all, env: { MAX_COST: "12", COST_LIST_SIZE: "3" } });
  });
  afterAll(async () => {
    await gateway.close();
    await shop.close();
  });

  it("what costs no more is answered", async () => {
    const { status, body } = await gateway.post({ query: "{ products { id related { id } } }" });
    expect(status).toBe(200);
    expect(body.data?.["products"]).toHaveLength(2);
  });

  it.each(["cold", "warm"])("what costs more reaches no subgraph: %s", async () => {
    const before = shop.catalog.received.length;
    const { status, body } = await gateway.post({ query: "{ products { id related { id } } product(id: 1) { id } }" });
    expect(status).toBe(400);
    expect(body).toEqual({
      errors: [
        {
          message: "The operation costs 13, which exceeds the limit of 12.",
          extensions: { code: "OPERATION_LIMIT_EXCEEDED", limit: "cost", max: 12, cost: 13 },
        },
      ],
    });
    expect(shop.catalog.received).toHaveLength(before);
  });

  it("only what is left of an operation after the access rules is counted", async () => {
    const { status } = await gateway.post({ query: "{ products { id related { id } } mine staffOnly }" });
    expect(status).toBe(200);
  });
});
