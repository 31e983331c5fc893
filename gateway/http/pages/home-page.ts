import { escapeHtml, htmlPage, type HtmlPage } from "./html-page";

const SANDBOX = "https://studio.apollographql.com/sandbox/explorer";

/**
 * What a browser sees at `/`: where everything is.
 * @param origin of the gateway as the browser reached it, such as "http://localhost:4000"
 */
export function homePage(options: {
  origin: string;
  subgraphs: readonly string[];
  version: string;
  hasPartners: boolean;
  hasStreams: boolean;
  hasSchema: boolean;
}): HtmlPage {
  const { origin, subgraphs, version, hasPartners, hasStreams, hasSchema } = options;
  const endpoint = `${origin}/graphql`;
  const socket = endpoint.replace(/^http/, "ws");
  const card = (href: string, name: string, text: string) =>
    `<li><a href="${escapeHtml(href)}"><strong>${name}</strong><span>${text}</span></a></li>`;
  const curl = `curl ${endpoint} \\
  -H 'content-type: application/json' \\
  -d '{"query":"{ __typename }"}'`;
  return htmlPage(
    "Tributary",
    `<p>One graph over ${subgraphs.length === 1 ? "one subgraph" : `${subgraphs.length} subgraphs`}:
${subgraphs.map((name) => `<code>${escapeHtml(name)}</code>`).join(" ")}. Operations go to <code>${escapeHtml(endpoint)}</code>${
      hasStreams ? `, live data comes from <code>${escapeHtml(socket)}</code>` : ""
    }.</p>
<ul class="cards">
${card("/explorer/", "Explorer", "Write and run operations in this browser, without the internet.")}
${card(`${SANDBOX}?endpoint=${encodeURIComponent(endpoint)}`, "Apollo Sandbox", "The same endpoint in Apollo’s hosted Sandbox.")}
${hasSchema ? card("/schema.graphql", "Schema", "The API schema as SDL, for code generators and editors.") : ""}
${hasPartners ? card("/partner/v1/docs", "Partner API", "The registered operations that partners call by id.") : ""}
${card("/health/ready", "Health", "Readiness of the gateway and of every subgraph.")}
${card("/metrics", "Metrics", "For Prometheus.")}
</ul>
<h2>From a terminal</h2>
<pre>${escapeHtml(curl)}</pre>
<footer>Supergraph <code>${escapeHtml(version)}</code></footer>`,
  );
}
