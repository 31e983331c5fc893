import { type HttpListener, listen } from "../../kit/http/listen";
import { respondJson } from "../../kit/http/respond";
import { type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";

describe("readiness", () => {
  let shop: Shop;
  let gateway: TestGateway;
  let subgraph: HttpListener;
  let status = 200;

  beforeEach(async () => {
    status = 200;
    shop = await startShop();
    subgraph = await listen((_req, res) => respondJson(res, status, {}), { port: 0, host: "127.0.0.1", drainMs: 0 });
    const url = `http://127.0.0.1:${subgraph.port}/graphql`;
    gateway = await startTestGateway({
      subgraphs: shop.all,
      env: { SUBGRAPH_HEALTH_PATH: "/health/ready", SUBGRAPH_URLS: `catalog=${url},reviews=${url}` },
    });
  });
  afterEach(async () => {
    await gateway.close();
    await Promise.all([shop.close(), subgraph.close()]);
  });

  const ready = async () => {
    const response = await fetch(`${gateway.url}/health/ready`);
    return [response.status, await response.json()];
  };
  const report = (ready: boolean, state: "ok" | "failing") => ({
    ready,
    checks: { supergraph: "ok", "subgraph:catalog": state, "subgraph:reviews": state },
  });
  const until = async (expected: number) => {
    for (;;) {
      const answer = await ready();
      if (answer[0] === expected) return answer;
    }
  };

  it("needs every subgraph, and says which", async () => {
    expect(await ready()).toEqual([200, report(true, "ok")]);
    status = 503;
    expect(await until(503)).toEqual([503, report(false, "failing")]);
    status = 200;
    expect(await until(200)).toEqual([200, report(true, "ok")]);
  });

  it("is lost with a subgraph that is gone, while the process stays alive", async () => {
    await subgraph.close();
    expect(await until(503)).toEqual([503, report(false, "failing")]);
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
  });

  it("ends with the beginning of a shutdown", async () => {
    gateway.health.drain();
    expect((await ready())[0]).toBe(503);
  });
});
