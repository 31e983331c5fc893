import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { DEMO_PARTNER_KEY, DEMO_PARTNER_TEST_KEY, DEMO_VARIANT } from "../../schema/demo";
import { findChromium } from "../explorer-page/find-chromium";
import type { Platform } from "../harness/platform";

const OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";

const NOT_CHECKED =
  "NO BROWSER WAS FOUND: that the partners' documentation shows and runs a partner's operations, asks no other server and keeps its " +
  "content security policy was NOT CHECKED (install Debian's chromium, or set CHROMIUM_PATH)";

export function tellPartnerDocs(platform: () => Platform): void {
  const executablePath = findChromium(process.env);
  if (executablePath === undefined) {
    it(NOT_CHECKED, () => {
      console.warn(NOT_CHECKED);
    });
    return;
  }

  describe("the partners' documentation in a browser", () => {
    let browser: Browser;
    let page: Page;
    /** What the browser asked of another server, and what the page did against its policy or tripped over. */
    const foreign: string[] = [];
    const complaints: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: [OFFLINE, "--no-sandbox"] });
    });
    beforeEach(async () => {
      const context = await browser.newContext({ viewport: { width: 1_280, height: 860 } });
      page = await context.newPage();
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.protocol !== "data:" && url.origin !== platform().url) foreign.push(request.url());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        // Of a refusal that a test asks for Chromium's console speaks by itself.
        if (message.type() === "error" && !/status of (401|404|503)/.test(message.text()))
          complaints.push(message.text());
      });
      await page.goto(`${platform().url}/partner/v1/docs`);
    });
    afterEach(async () => {
      await page.context().close();
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
    });

    const useKey = async (key: string, says: RegExp) => {
      await page.fill("#key", key);
      await page.click("#key-form button[type=submit]");
      await page.locator("#key-status", { hasText: says }).waitFor();
    };
    const send = async (operation: string, fields: Readonly<Record<string, string>>): Promise<string> => {
      const article = page.locator(`#op-${operation}`);
      if (!(await article.locator("details.try").getAttribute("open"))) {
        await article
          .locator("details.try:not([open]) > summary")
          .click({ timeout: 1_000 })
          .catch(() => undefined);
      }
      for (const [name, value] of Object.entries(fields)) await article.locator(`[name="${name}"]`).fill(value);
      const before = await article.locator(".result").textContent();
      await article.locator("button[type=submit]").click();
      await page.waitForFunction(
        ([selector, text]) => {
          const { document } = globalThis as unknown as {
            document: { querySelector(of: string): { textContent: string } | null };
          };
          const now = document.querySelector(selector!)?.textContent;
          return now !== "" && now !== text;
        },
        [`#op-${operation} .result`, before] as const,
      );
      return (await article.locator(".result").textContent()) ?? "";
    };

    it("shows the operations of a test key, and runs them on generated data, failures included", async () => {
      await useKey(DEMO_PARTNER_TEST_KEY, /test key/);
      const shown = await page.locator("#operation-links a").allTextContents();
      expect(shown).toEqual(expect.arrayContaining(["GetOrder", "GetProduct", "ListProducts"]));
      expect(await send("GetProduct", { slug: "my-mug" })).toMatch(/^200 OK.*"slug": "my-mug"/s);
      const failed = await send("GetProduct", { "tributary-test-scenario": "SUBGRAPH_UNAVAILABLE" });
      expect(failed).toMatch(/^503 .*SUBGRAPH_UNAVAILABLE/s);
      await keepScreenshot(page, "test-key");
    });

    it("runs a live key's operations on the real data, and shows that key nowhere", async () => {
      await useKey(DEMO_PARTNER_KEY, /live key/);
      expect(await send("GetProduct", { slug: DEMO_VARIANT.productSlug })).toContain(DEMO_VARIANT.productId);
      expect(await page.locator("#op-GetProduct .scenario").isVisible()).toBe(false);
      expect(await page.locator("body").textContent()).not.toContain(DEMO_PARTNER_KEY);
    });

    it("keeps the key while the tab is reloaded, and forgets it when told to", async () => {
      await useKey(DEMO_PARTNER_TEST_KEY, /test key/);
      await page.reload();
      await page.locator("#key-status", { hasText: /test key/ }).waitFor();
      await page.click("#forget");
      await page.reload();
      expect(await page.inputValue("#key")).toBe("");
    });

    it("says what is wrong with a key", async () => {
      await useKey("hello", /The API key is not valid/);
    });

    it("shows each way of calling, and what the answer is like", async () => {
      const article = page.locator("#op-GetProduct");
      await article.getByRole("tab", { name: "Apollo Client" }).click();
      expect(await article.locator("[role=tabpanel]:visible").textContent()).toContain("PersistedQueryLink");
      await article.getByText("The answer").click();
      expect(await article.locator("details[open] pre").textContent()).toMatch(/^\{\n {2}id: string\n/);
    });

    it("fits a phone", async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(overflow).toBe(0);
      await keepScreenshot(page, "phone");
    });
  });
}

/** That the page can be drawn; with `KEEP_SCREENSHOT` the picture stays. */
async function keepScreenshot(page: Page, name: string): Promise<void> {
  const file = path.join(os.tmpdir(), `tributary-partner-docs-${name}-${process.pid}.png`);
  await page.screenshot({ path: file });
  expect(fs.statSync(file).size).toBeGreaterThan(10_000);
  if (process.env.KEEP_SCREENSHOT) console.log(file);
  else fs.rmSync(file);
}
