import type { Locator, Page } from "playwright-core";

/** The editors of the explorer page. */
export type ExplorerEditor = "query" | "variables" | "headers" | "response";

/** What the page's status line says about the operation at hand; see `gateway/http/explorer/page/activity.mjs`. */
export type ExplorerState = "idle" | "running" | "live" | "reconnecting" | "done" | "failed" | "stopped";

const timeoutMs = 20_000;

/** The page publishes these because Monaco draws only the lines in view and completes whatever is typed. */
interface PageHandle {
  tributaryExplorer: {
    getText(editor: ExplorerEditor): string;
    setText(editor: ExplorerEditor, text: string): void;
  };
}

/** Opens the page and waits until its editors exist and the schema was asked for. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('#explorer[data-ready="true"]').waitFor({ state: "attached", timeout: timeoutMs });
}

export async function setQuery(page: Page, text: string): Promise<void> {
  await setText(page, "query", text);
}

/** @param variables put into the variables tab as JSON */
export async function setVariables(page: Page, variables: Record<string, unknown>): Promise<void> {
  await setText(page, "variables", JSON.stringify(variables, null, 2));
}

/** @param headers put into the headers tab as JSON; a running subscription reconnects with them */
export async function setHeaders(page: Page, headers: Record<string, string>): Promise<void> {
  await setText(page, "headers", JSON.stringify(headers, null, 2));
}

/**
 * Presses the button that executes, as a reader does, and waits until the page has started the operation.
 * A query is over when `waitForState` sees `done` or `failed`, a subscription is under way with `live`.
 */
export async function run(page: Page): Promise<void> {
  const runs = Number(await status(page).getAttribute("data-runs"));
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.locator(`[data-testid="explorer-status"][data-runs="${runs + 1}"]`).waitFor({ timeout: timeoutMs });
}

/** Presses the button that stops what is running. */
export async function stop(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Stop query/ }).click();
  await waitForState(page, "stopped");
}

/** Waits until the status line says one of `states`. */
export async function waitForState(page: Page, ...states: ExplorerState[]): Promise<void> {
  const selector = states.map((state) => `[data-testid="explorer-status"][data-state="${state}"]`).join(", ");
  await page.locator(selector).waitFor({ timeout: timeoutMs });
}

/** Waits until a subscription has received at least `count` events since it was started. */
export async function waitForEvents(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    ({ least }) => {
      const { document } = globalThis as unknown as { document: { querySelector(selector: string): unknown } };
      const line = document.querySelector('[data-testid="explorer-status"]') as {
        dataset?: { events?: string };
      } | null;
      return Number(line?.dataset?.events) >= least;
    },
    { least: count },
    { timeout: timeoutMs },
  );
}

/** Waits for the end of a query or mutation, or for an event of a subscription, and gives the JSON that is shown. */
export async function readResult<Result = { data?: unknown; errors?: { message: string }[] }>(
  page: Page,
): Promise<Result> {
  await page.waitForFunction(
    () => (globalThis as unknown as PageHandle).tributaryExplorer.getText("response").trim() !== "",
    undefined,
    { timeout: timeoutMs },
  );
  const text = await getText(page, "response");
  return JSON.parse(text) as Result;
}

export async function getText(page: Page, editor: ExplorerEditor): Promise<string> {
  return page.evaluate((name) => (globalThis as unknown as PageHandle).tributaryExplorer.getText(name), editor);
}

/** Opens the panel of query plans and asks for one with every operation, or for none. */
export async function askForPlans(page: Page, wanted: boolean): Promise<void> {
  const box = page.getByTestId("explorer-query-plan-wanted");
  if (!(await box.isVisible())) await page.getByRole("button", { name: /query plan/i }).click();
  await box.setChecked(wanted);
}

/** @returns what the panel shows of the last operation: the plan's text and, for each call, what its row says */
export async function readPlan(page: Page): Promise<{ text: string; calls: readonly string[] }> {
  const text = await page.getByTestId("explorer-query-plan").innerText({ timeout: timeoutMs });
  const rows = page.getByTestId("explorer-query-calls").locator("tbody tr:first-child");
  return { text, calls: await rows.allInnerTexts() };
}

async function setText(page: Page, editor: ExplorerEditor, text: string): Promise<void> {
  await page.evaluate(([name, value]) => (globalThis as unknown as PageHandle).tributaryExplorer.setText(name, value), [
    editor,
    text,
  ] as const);
}

function status(page: Page): Locator {
  return page.getByTestId("explorer-status");
}
