import path from "node:path";
import { ClientError } from "../../../kit/errors";
import { SupergraphError } from "../../supergraph/supergraph-error";
import { createApolloPlanner } from "../apollo-planner";
import { DEFAULT_PLAN_LIMITS, type PlanLimits } from "../plan-limits";
import { PlanLimitError } from "../planner";
import { type PlannerThread, startPlannerThread } from "../planner-thread";
import { chain, explosiveGraph, SHOP_GRAPH, tree } from "./plan-graphs";

const UNCOUNTED = { maxPlanPaths: 1e12, maxEvaluatedPlans: 1_000_000 };

const request = (document: string, overrideLabels: string[] = []) => ({ document, overrideLabels });

// Threads that compile TypeScript start slowly on a busy machine.
jest.setTimeout(60_000);

const threads: PlannerThread[] = [];
afterEach(async () => {
  for (const { planner } of threads.splice(0)) await planner.close();
});

async function start(sdl: string, options: { limits?: Partial<PlanLimits>; maxHeapMb?: number } = {}) {
  const thread = await startPlannerThread({
    sdl,
    limits: { ...DEFAULT_PLAN_LIMITS, maxPlanMs: 60_000, maxPlanWaitMs: 60_000, ...options.limits },
    maxHeapMb: options.maxHeapMb,
    execArgv: ["--require", path.join(__dirname, "../../test/harness/ts-worker.cjs")],
  });
  threads.push(thread);
  return thread;
}

describe("the planner's thread", () => {
  it("tells what the supergraph holds", async () => {
    const { apiSdl, subgraphs, overrideLabels } = await start(SHOP_GRAPH);
    expect(apiSdl).toContain("type Product");
    expect(subgraphs.map(({ name }) => name)).toEqual(["catalog", "reviews"]);
    expect(overrideLabels).toEqual(["move", "percent(0)"]);
  });

  it("gives the plans that the calling thread would make", async () => {
    const { planner } = await start(SHOP_GRAPH);
    const here = createApolloPlanner(SHOP_GRAPH, DEFAULT_PLAN_LIMITS);
    const requests = [
      request("{ product(id: 1) { name price reviews { stars } } }"),
      request("{ product(id: 1) { name price reviews { stars } } }", ["move"]),
      request('query ($d: Boolean!) { product(id: 1) { id ... @defer(if: $d, label: "x") { reviews { stars } } } }'),
      request("subscription { productChanged { id reviews { stars } } }"),
      { ...request("query A { product(id: 1) { id } } query B { __typename }"), operationName: "B" },
    ];
    const plans = await Promise.all(requests.map((each) => planner.plan(each)));
    expect(plans).toEqual(await Promise.all(requests.map((each) => here.plan(each))));
    expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(requests.length);
  });

  it("refuses in the same words as the calling thread, and goes on", async () => {
    const { planner } = await start(explosiveGraph(3));
    const refusal = await planner.plan(request(chain(12))).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PlanLimitError);
    expect(refusal).toMatchObject({
      code: "OPERATION_LIMIT_EXCEEDED",
      message: "The operation exceeds the limit of 150 ways to fetch a field.",
      details: { limit: "ways to fetch a field", max: 150 },
    });
    expect((await planner.plan(request("{ a { f0 } }"))).node).toBeDefined();
  });

  it("tells a client's mistake from a fault", async () => {
    const { planner } = await start(SHOP_GRAPH);
    await expect(planner.plan(request("subscription { productChanged { id ... @defer { name } } }"))).rejects.toThrow(
      new ClientError("GRAPHQL_VALIDATION_FAILED", "A subscription cannot use @defer."),
    );
    const fault: unknown = await planner.plan(request("{ nothing }")).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Error);
    expect(fault).not.toBeInstanceOf(ClientError);
  });

  it("an operation that takes too long is refused, and what waits behind it is planned by a new thread", async () => {
    const { planner } = await start(explosiveGraph(5), { limits: { ...UNCOUNTED, maxPlanMs: 1_500 } });
    const [slow, ...behind] = await Promise.allSettled([
      planner.plan(request(tree(12))),
      planner.plan(request("{ a { f0 } }")),
      planner.plan(request("{ a { f1 } }")),
    ]);
    expect(slow).toMatchObject({
      status: "rejected",
      reason: { code: "OPERATION_LIMIT_EXCEEDED", limit: "milliseconds of planning", max: 1_500 },
    });
    expect(behind.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  });

  it("so many operations may wait: past that the longest is refused, and those that fit are planned", async () => {
    const { planner } = await start(SHOP_GRAPH, { limits: { maxWaitingPlans: 2 } });
    const texts = [
      "{ product(id: 1) { id } }",
      "{ product(id: 2) { id name } }",
      "{ product(id: 3) { id name price } }",
    ];
    const settled = await Promise.allSettled(
      [...texts, "{ product(id: 4) { id } }"].map((text) => planner.plan(request(text))),
    );
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(settled[2]).toMatchObject({ reason: { code: "SERVICE_UNAVAILABLE" } });
  });

  it("an operation that takes too much memory is refused, and what waits behind it is planned by a new thread", async () => {
    const { planner } = await start(explosiveGraph(5), { limits: UNCOUNTED, maxHeapMb: 40 });
    const [greedy, behind] = await Promise.allSettled([
      planner.plan(request(tree(12))),
      planner.plan(request("{ a { f0 } }")),
    ]);
    expect(greedy).toMatchObject({
      status: "rejected",
      reason: { code: "OPERATION_LIMIT_EXCEEDED", limit: "megabytes of memory for planning", max: 40 },
    });
    expect(behind.status).toBe("fulfilled");
  });

  it("an operation waits for so long, and then is refused while another is still planned", async () => {
    const { planner } = await start(explosiveGraph(5), { limits: { ...UNCOUNTED, maxPlanWaitMs: 50 } });
    let isPlanned = false;
    const slow = planner.plan(request(tree(12))).catch(() => (isPlanned = true));
    const refusal = await planner.plan(request("{ a { f0 } }")).catch((error: unknown) => error);
    expect(isPlanned).toBe(false);
    expect(refusal).toEqual(
      new ClientError(
        "SERVICE_UNAVAILABLE",
        "This operation is new to the gateway, which has not come to plan it within 50 ms; try again.",
      ),
    );
    await planner.close();
    await slow;
  });

  it("closing refuses what is planned, what waits and what comes later", async () => {
    const { planner } = await start(explosiveGraph(5), { limits: UNCOUNTED });
    const refused = [planner.plan(request(tree(12))), planner.plan(request("{ a { f0 } }"))].map((plan) =>
      plan.catch((error: unknown) => error),
    );
    await planner.close();
    refused.push(planner.plan(request("{ a { f0 } }")).catch((error: unknown) => error));
    for (const error of await Promise.all(refused)) expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    await planner.close();
  });

  it.each([
    ["that is no GraphQL", "type Query {", "Syntax Error: Expected Name, found <EOF>."],
    ["that is no supergraph", "type Query { a: Int }", "Invalid supergraph: must be a core schema"],
  ])("a text %s has one reason", async (_what, sdl, reason) => {
    const error: unknown = await start(sdl).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SupergraphError);
    expect((error as Error).message).toBe(reason);
  });

  it("a supergraph that does not fit the thread's memory has one reason", async () => {
    const error: unknown = await start(SHOP_GRAPH, { maxHeapMb: 6 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SupergraphError);
    expect((error as Error).message).toBe("Loading the supergraph takes more than 6 MB of memory.");
  });
});
