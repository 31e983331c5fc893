import type { AssetManifest } from "./asset-manifest";

/** An operation offered in the page's "Examples" menu. */
export interface ExampleOperation {
  /** What the menu says, unique among the examples. */
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Added to whatever the reader has typed into the headers tab. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the page asks this gateway for a query plan, and where in the response it finds it. */
export interface QueryPlanSettings {
  /** Request header, sent with the value `1`. */
  readonly header: string;
  /** Key under the response's `extensions`; a text or a JSON value. */
  readonly extension: string;
}

/** The settings embedded in the page as JSON. Paths only: the page completes them with its own address. */
export interface PageSettings {
  readonly title: string;
  readonly graphqlPath: string;
  readonly websocketPath: string;
  readonly schemaPath: string;
  readonly homePath: string;
  readonly examples: readonly ExampleOperation[];
  readonly queryPlan?: QueryPlanSettings | undefined;
}

// A current parting into two, in the brand's colour.
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23077e98' " +
  "stroke-width='2.6' stroke-linecap='round'%3E%3Cpath d='M4 3c0 6 8 5 8 11v7M20 3c0 6-8 5-8 11M12 3v4'/%3E%3C/svg%3E";

/** The explorer's HTML. It holds no script of its own: the strict Content-Security-Policy would refuse to run it. */
export function renderExplorerPage(settings: PageSettings, manifest: AssetManifest): string {
  const asset = (name: string): string => `assets/${name}`;
  const { editor, graphql, json } = manifest.workers;
  const embedded = { ...settings, workers: { editor: asset(editor), graphql: asset(graphql), json: asset(json) } };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(settings.title)} Explorer</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${asset(manifest.style)}">
${manifest.preload.map((name) => `<link rel="modulepreload" href="${asset(name)}">`).join("\n")}
<script type="application/json" id="explorer-settings">${escapeJson(embedded)}</script>
<script type="module" src="${asset(manifest.script)}"></script>
</head>
<body>
<div id="explorer"><p class="explorer-loading">Loading the explorer…</p></div>
<noscript>The explorer needs JavaScript. The schema is at <a href="${escapeHtml(settings.schemaPath)}">${escapeHtml(settings.schemaPath)}</a>.</noscript>
</body>
</html>
`;
}

/** What is served while nobody has built the page: it says what to do. */
export function renderMissingPage(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} Explorer: not built</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; margin: 18vh auto 0; max-width: 34rem; padding: 0 1.5rem; }
code { background: #0b64781f; border-radius: 4px; padding: 0.15em 0.4em; }
</style>
</head>
<body>
<h1>The explorer has not been built</h1>
<p>The gateway is running, but the files of this page are missing. Run</p>
<p><code>npm run build</code></p>
<p>and load this page again; the gateway need not be restarted.</p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** JSON that cannot end the script element it stands in, nor open a comment there. */
function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c");
}
