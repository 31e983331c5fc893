import { createHash } from "node:crypto";

/** Text for HTML, in content and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export interface HtmlPage {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

// A current parting into two.
export const PAGE_ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23077e98' " +
  "stroke-width='2.6' stroke-linecap='round'%3E%3Cpath d='M4 3c0 6 8 5 8 11v7M20 3c0 6-8 5-8 11M12 3v4'/%3E%3C/svg%3E";

const STYLE = `
:root{color-scheme:light dark;--ink:#12262c;--soft:#52666d;--line:#d8e3e6;--paper:#f7fafa;--card:#fff;--accent:#077e98;--code:#eef4f5}
@media (prefers-color-scheme:dark){:root{--ink:#e6eff1;--soft:#9db0b6;--line:#26383e;--paper:#0d1619;--card:#132024;--accent:#4cc3dc;--code:#1a2a2f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:62rem;margin:0 auto;padding:3.5rem 1.5rem 4rem}
header{display:flex;align-items:center;gap:.9rem;margin-bottom:.6rem}
header svg{width:2.6rem;height:2.6rem;stroke:var(--accent);flex:none}
h1{font-size:1.9rem;letter-spacing:-.02em;margin:0}
h2{font-size:1.15rem;margin:2.4rem 0 .8rem}
p{margin:.4rem 0 1rem;color:var(--soft);max-width:46rem}
a{color:var(--accent)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(15.5rem,1fr));gap:.9rem;padding:0;margin:1.6rem 0;list-style:none}
.cards a{display:block;height:100%;padding:1rem 1.1rem;border:1px solid var(--line);border-radius:.7rem;background:var(--card);color:inherit;text-decoration:none}
.cards a:hover,.cards a:focus-visible{border-color:var(--accent);outline:none}
.cards strong{display:block;color:var(--accent);margin-bottom:.2rem}
.cards span{color:var(--soft);font-size:.92rem}
code,pre{font:.88rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--code);border-radius:.35rem}
code{padding:.1rem .3rem;overflow-wrap:anywhere}
pre{padding:.9rem 1rem;overflow-x:auto;margin:.5rem 0 1rem}
section{border-top:1px solid var(--line);padding-top:.4rem;margin-top:1.6rem}
table{border-collapse:collapse;margin:.3rem 0 1rem}
th,td{text-align:left;padding:.2rem 1.2rem .2rem 0;vertical-align:top;font-size:.92rem}
th{color:var(--soft);font-weight:500}
footer{margin-top:3rem;color:var(--soft);font-size:.88rem}
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/**
 * A page of the gateway's own: no script, no request to anywhere, and a policy that would stop both.
 * @param content HTML that was escaped where it had to be
 */
export function htmlPage(title: string, content: string): HtmlPage {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${PAGE_ICON}">
<style>${STYLE}</style>
</head>
<body>
<main>
<header><svg viewBox="0 0 24 24" fill="none" stroke-width="2.6" stroke-linecap="round" aria-hidden="true"><path d="M4 3c0 6 8 5 8 11v7M20 3c0 6-8 5-8 11M12 3v4"/></svg><h1>${escapeHtml(title)}</h1></header>
${content}
</main>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    body,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy.join("; "),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    },
  };
}
