import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { guideSections } from "../../partners/docs-page/guide-sections";
import { PAGE_STYLE } from "../../partners/docs-page/page-style";
import { SCENARIO_NAMES } from "../../partners/test-mode/scenario";
import { escapeHtml, type HtmlPage, PAGE_ICON } from "./html-page";

/** Runs in the browser as it is. */
const SCRIPT = readFileSync(path.join(__dirname, "../../partners/docs-page/page-script.cjs"), "utf8");

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(SCRIPT)}`,
  `style-src ${hashOf(PAGE_STYLE)}`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * How partners call, and what. Which operations there are is shown to who has a key: the page asks for them with it, and forgets it with the tab.
 * @param options.demo the key of the demo shop, which is public, and its partner's operations as HTML
 */
export function partnerDocsPage(options: {
  origin: string;
  demo: { readonly key: string; readonly operations: string } | undefined;
}): HtmlPage {
  const { origin, demo } = options;
  const sections = guideSections(origin);
  const link = ({ id, title }: { id: string; title: string }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`;
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Partner API</title>
<link rel="icon" href="${PAGE_ICON}">
<style>${PAGE_STYLE}</style>
</head>
<body>
<header class="top"><a class="brand" href="/" title="Home"><svg viewBox="0 0 24 24" fill="none" stroke-width="2.6" stroke-linecap="round" aria-hidden="true"><path d="M4 3c0 6 8 5 8 11v7M20 3c0 6-8 5-8 11M12 3v4"/></svg><span>Partner API</span></a>
<form id="key-form"><input id="key" type="password" placeholder="Paste your API key" aria-label="API key" autocomplete="off" spellcheck="false"><button type="submit">Use key</button><button type="button" id="forget" hidden>Forget</button></form></header>
<div class="layout">
<nav aria-label="On this page"><ul><li><a href="#begin">Begin</a></li></ul><p>Operations</p><ul id="operation-links"></ul><p>Guide</p><ul>${sections.map(link).join("")}</ul></nav>
<main>
<section id="begin"><h1>Partner API</h1>
<p class="lead">Reviewed operations of one graph, by plain HTTP and by GraphQL.</p>
<ol class="steps"><li><strong>Get a key.</strong> Whoever runs this platform makes one for you: a <code>trib_test_…</code> key to try everything on generated data, and a <code>trib_live_…</code> key for real data.</li>
<li><strong>Paste it above.</strong> You see your operations with examples that hold your key. It stays in this tab.</li>
<li><strong>Try one here,</strong> best with the test key, then copy the call into your code.</li></ol>
<p id="key-status" role="status"></p>
${demo ? `<p class="demo">This is the demo shop. <button type="button" id="demo-key" data-key="${escapeHtml(demo.key)}">Use its test key</button></p>` : ""}
</section>
<section id="operations"><h2>Operations</h2><div id="operation-list">${demo?.operations ?? `<p class="empty">Paste your key to see what you can call.</p>`}</div></section>
${sections.map(({ id, title, html }) => `<section id="${id}"><h2>${escapeHtml(title)}</h2>\n${html}</section>`).join("\n")}
<datalist id="scenarios">${SCENARIO_NAMES.map((name) => `<option value="${escapeHtml(name.replace("<ms>", "1000"))}">`).join("")}</datalist>
</main>
</div>
<script>${SCRIPT}</script>
</body>
</html>
`;
  return {
    body,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    },
  };
}
