import path from "node:path";
import { DEMO_ACCOUNTS, DEMO_PARTNER_KEY } from "../../schema/demo";
import type { Settings } from "./settings";

/** The gateway as a person on this machine types it. */
export function publicUrl(host: string, port: number): string {
  const isLocal = ["127.0.0.1", "0.0.0.0", "::", "::1", "localhost"].includes(host);
  const name = isLocal ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** What is printed when everything is up: one screen, its last line saying `ready` and where. */
export function renderScreen(options: {
  settings: Settings;
  port: number;
  data: { path: string; logs: string };
  root: string;
  cwd: string;
}): string {
  const { settings, port, data, cwd } = options;
  const url = publicUrl(settings.host, port);
  const show = (folder: string) => path.relative(cwd, folder) || ".";
  const lines = [
    "",
    `  GraphQL       ${url}/graphql   (HTTP and WebSocket)`,
    `  Explorer      ${url}/explorer`,
    `  Sandbox       https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(`${url}/graphql`)}`,
    `  Partners      ${url}/partner/v1/docs`,
    `  Schema        ${url}/schema.graphql`,
    `  Health        ${url}/health/ready`,
    `  Data, logs    ${show(data.path)}, ${show(data.logs)}`,
    "",
    ...(settings.demo ? renderDemo(options, url) : []),
    `Tributary is ready at ${url}`,
  ];
  return lines.join("\n");
}

function renderDemo({ root, cwd }: { root: string; cwd: string }, url: string): string[] {
  const passwords = new Set(DEMO_ACCOUNTS.map(({ password }) => password));
  const script = (name: string) => `node ${path.relative(cwd, path.join(root, "dist/deploy/local", name))}`;
  const graphql = `curl -s ${url}/graphql -H 'content-type: application/json' -H "authorization: Bearer $(${script("log-in.js")} ${url})"`;
  void graphql;
  return [
    `  Demo accounts ${DEMO_ACCOUNTS.map(({ email }) => email).join("  ")}`,
    `  Password      ${[...passwords].join(", ")}`,
    `  Partner key   ${DEMO_PARTNER_KEY}`,
    "",
  ];
}
