import path from "node:path";
import { DEMO_ACCOUNTS, DEMO_PARTNER_KEY, DEMO_VARIANT } from "../../schema/demo";
import type { Settings } from "./settings";

export interface ScreenOptions {
  readonly settings: Settings;
  /** Of the gateway. */
  readonly port: number;
  readonly data: { readonly path: string; readonly logs: string };
  readonly root: string;
  /** Where the user typed the command: paths are shown from there. */
  readonly cwd: string;
}

/** The gateway as a person on this machine types it. */
export function publicUrl(host: string, port: number): string {
  const isLocal = ["127.0.0.1", "0.0.0.0", "::", "::1", "localhost"].includes(host);
  const name = isLocal ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** What is printed when everything is up: one screen, whose last line says `ready` and where. */
export function renderScreen(options: ScreenOptions): string {
  const { settings, port, data, cwd } = options;
  const url = publicUrl(settings.host, port);
  const show = (folder: string) => path.relative(cwd, folder) || ".";
  const lines = [
    "",
    `  GraphQL    ${url}/graphql  (and ${url.replace(/^http/, "ws")}/graphql)`,
    `  Explorer   ${url}/explorer`,
    `  Sandbox    https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(`${url}/graphql`)}`,
    `  Partners   ${url}/partner/v1/docs`,
    `  Schema     ${url}/schema.graphql`,
    `  Health     ${url}/health/ready`,
    `  Logs       ${show(data.logs)}`,
    "",
    ...(settings.demo ? renderDemo(options, url) : []),
    `Tributary is ready at ${url}`,
  ];
  return lines.join("\n");
}

function renderDemo({ root, cwd }: ScreenOptions, url: string): string[] {
  const accounts = DEMO_ACCOUNTS.map(({ email }) => email).join(", ");
  const passwords = [...new Set(DEMO_ACCOUNTS.map(({ password }) => password))].join(", ");
  const option = url === "http://localhost:4000" ? "" : ` --url ${url}`;
  const program = (name: string) =>
    `node ${quote(path.relative(cwd, path.join(root, "dist/deploy/local", name)))}${option}`;
  const curl = (query: string) =>
    `curl -s ${url}/graphql -H 'content-type: application/json' ` +
    `-H "authorization: Bearer $(${program("log-in.js")})" -d '${JSON.stringify({ query })}'`;
  return [
    `  Demo       ${accounts}; password ${passwords}`,
    `  Partner    x-api-key: ${DEMO_PARTNER_KEY}`,
    "",
    "  A query across the three subgraphs:",
    curl(
      "{ me { name orders(first: 2) { nodes { number status lines { quantity variant { sku product { name } } } } } } }",
    ),
    "  An order:",
    curl(
      `mutation { placeOrder(input: { lines: [{ variantId: "${DEMO_VARIANT.variantId}", quantity: 1 }] }) ` +
        "{ ... on PlaceOrderSuccess { order { id number status } } ... on Error { code message } } }",
    ),
    "  An order seen live, over a subscription:",
    program("watch-order.js"),
    "",
  ];
}

/** A path as a shell takes it. */
function quote(file: string): string {
  return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}
