import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { DEMO_VARIANT } from "../../schema/demo";
import { CUSTOMER } from "../harness/demo";
import * as explorer from "../harness/explorer-page";
import type { Platform } from "../harness/platform";
import { placeOrder } from "../harness/shopping";
import { findChromium } from "./find-chromium";

/** No name but ours resolves: a page that needs anything from elsewhere does not work here. */
const OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";

const NOT_CHECKED =
  "NO BROWSER WAS FOUND: that the explorer page runs a query and a subscription, asks no other server and keeps its " +
  "content security policy was NOT CHECKED (install Debian's chromium, or set CHROMIUM_PATH)";

export function tellExplorerPage(platform: () => Platform): void {
  const executablePath = findChromium(process.env);
  if (executablePath === undefined) {
    it(NOT_CHECKED, () => {
      console.warn(NOT_CHECKED);
    });
    return;
  }

  describe("the explorer page in a browser", () => {
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    /** What the browser asked of another server, and what the page did against its policy or tripped over. */
    const foreign: string[] = [];
    const complaints: string[] = [];

    beforeAll(async () => {
      // Chromium's own sandbox needs privileges that root and containers lack; the page is ours.
      browser = await chromium.launch({ executablePath, args: [OFFLINE, "--no-sandbox"] });
      context = await browser.newContext({ viewport: { width: 1_280, height: 800 } });
      page = await context.newPage();
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (["data:", "blob:"].includes(url.protocol)) return;
        if (url.origin !== platform().url) foreign.push(request.url());
      });
      page.on("websocket", (socket) => {
        if (new URL(socket.url()).host !== new URL(platform().url).host) foreign.push(socket.url());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
    });
    afterAll(async () => {
      await browser?.close();
    });
    afterEach(() => {
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
    });

    it("is found from the home page, whose links on this server all lead somewhere", async () => {
      await page.goto(`${platform().url}/`);
      const links = await page
        .locator("a[href]")
        .evaluateAll((anchors) => (anchors as unknown as { href: string }[]).map(({ href }) => href));
      const local = links.filter((href) => new URL(href).origin === platform().url);
      const paths = local.map((href) => new URL(href).pathname);
      for (const each of ["/explorer", "/partner/v1/docs", "/schema.graphql", "/health/ready"]) {
        expect(paths.map((found) => found.replace(/(.)\/$/, "$1"))).toContain(each);
      }
      expect(links.some((href) => href.startsWith("https://studio.apollographql.com/sandbox"))).toBe(true);
      for (const href of local) {
        const response = await fetch(href, { headers: { accept: "text/html,*/*" } });
        expect([href, response.status]).toEqual([href, 200]);
      }
    });

    it("runs a query across the three subgraphs", async () => {
      const token = await platform().signIn(CUSTOMER);
      await explorer.open(page, `${platform().url}/explorer`);
      await explorer.setHeaders(page, { authorization: `Bearer ${token}` });
      await explorer.setVariables(page, { first: 1 });
      await explorer.setQuery(
        page,
        "query Mine($first: Int) { me { name orders(first: $first) { nodes { lines { variant { sku } } } } } }",
      );
      await explorer.run(page);
      await explorer.waitForState(page, "done", "failed");
      expect(await explorer.readResult(page)).toMatchObject({
        data: { me: { name: CUSTOMER.name, orders: { nodes: [{ lines: [{ variant: {} }] }] } } },
      });
    });

    it("shows the plan of a query and the calls that were made, and leaves them out of the result", async () => {
      const query = "{ products(first: 1) { nodes { name variants { sku } } } }";
      const asked: (string | undefined)[] = [];
      page.on("request", (request) => {
        if (request.postData()?.includes("variants")) asked.push(request.headers()["apollo-query-plan-experimental"]);
      });
      await explorer.setVariables(page, {});
      await explorer.setQuery(page, query);
      await explorer.askForPlans(page, true);
      await explorer.run(page);
      await explorer.waitForState(page, "done", "failed");
      const { text, calls } = await explorer.readPlan(page);
      expect(text).toMatch(/^QueryPlan \{\n {2}Fetch\(service: "products"\) \{/);
      expect(calls).toEqual([expect.stringMatching(/^products\s+[\d,]+\s+\d+(\.\d)? ms$/)]);
      expect(Object.keys(await explorer.readResult<object>(page))).toEqual(["data"]);
      await keepScreenshot(page, "query-plan");
      await explorer.askForPlans(page, false);
      await explorer.run(page);
      await explorer.waitForState(page, "done", "failed");
      expect(await page.getByTestId("explorer-query-plan").count()).toBe(0);
      expect(asked).toEqual(["1", undefined]);
    });

    it("runs a subscription, which shows an order becoming confirmed", async () => {
      const token = await platform().signIn(CUSTOMER);
      await platform().whileBrokerHolds(async () => {
        const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }]);
        await explorer.setVariables(page, { orderId: order.id });
        await explorer.setQuery(
          page,
          `subscription Watch($orderId: ID!) {
            orderUpdated(orderId: $orderId) { status customer { name } lines { variant { product { name } } } }
          }`,
        );
        await explorer.run(page);
        await explorer.waitForState(page, "live");
        await platform().untilSubscriptions(1);
      });
      await page.waitForFunction(() => {
        const { tributaryExplorer } = globalThis as unknown as {
          tributaryExplorer: { getText(editor: string): string };
        };
        return tributaryExplorer.getText("response").includes('"CONFIRMED"');
      });
      await keepScreenshot(page, "subscription");
      expect(await explorer.readResult(page)).toMatchObject({
        data: { orderUpdated: { status: "CONFIRMED", customer: { name: CUSTOMER.name } } },
      });
      await explorer.stop(page);
      await platform().untilSubscriptions(0);
    });

    it("shows what is wrong with an operation, and stays usable", async () => {
      await explorer.setVariables(page, {});
      await explorer.setQuery(page, "{ me { shoeSize } }");
      await explorer.run(page);
      await explorer.waitForState(page, "done", "failed");
      expect(await explorer.readResult(page)).toMatchObject({
        errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
      });
      // A refused operation is a 400, of which Chromium's console speaks by itself.
      complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes("status of 400")));
      await explorer.setQuery(page, "{ __typename }");
      await explorer.run(page);
      await explorer.waitForState(page, "done", "failed");
      expect(await explorer.readResult(page)).toEqual({ data: { __typename: "Query" } });
    });
  });
}

/** That the page can be drawn; with `KEEP_SCREENSHOT` the picture stays. */
async function keepScreenshot(page: Page, name: string): Promise<void> {
  const file = path.join(os.tmpdir(), `tributary-explorer-${name}-${process.pid}.png`);
  await page.screenshot({ path: file });
  expect(fs.statSync(file).size).toBeGreaterThan(10_000);
  if (process.env.KEEP_SCREENSHOT) console.log(file);
  else fs.rmSync(file);
}
