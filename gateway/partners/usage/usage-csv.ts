import type { UsageReport } from "./usage-report";

type Row = UsageReport["usage"][number];

const COLUMNS: readonly (readonly [name: string, value: (row: Row) => string | number | null | undefined])[] = [
  ["day", ({ day }) => day],
  ["operation", ({ operation }) => operation],
  ["keyId", ({ keyId }) => keyId],
  ["calls", ({ calls }) => calls],
  ["failedCalls", ({ failedCalls }) => failedCalls],
  ["errors", ({ errors }) => list(errors)],
  ["p50Ms", ({ latencyMs }) => latencyMs.p50],
  ["p95Ms", ({ latencyMs }) => latencyMs.p95],
  ["p99Ms", ({ latencyMs }) => latencyMs.p99],
  ["cost", ({ cost }) => cost],
  ["answerBytes", ({ answerBytes }) => answerBytes],
  ["deprecatedFields", ({ deprecatedFields }) => list(deprecatedFields)],
  ["doors", ({ doors }) => list(doors)],
  ["clientName", ({ client }) => client.name],
  ["clientVersion", ({ client }) => client.version],
  ["userAgent", ({ client }) => client.userAgent],
  ["lastCallAt", ({ lastCallAt }) => lastCallAt],
];

/** With a line of names first. https://www.rfc-editor.org/rfc/rfc4180 */
export const usageCsv = ({ usage }: UsageReport): string =>
  [COLUMNS.map(([name]) => name), ...usage.map((row) => COLUMNS.map(([, value]) => cell(value(row))))]
    .map((cells) => `${cells.join(",")}\r\n`)
    .join("");

/** What a client called itself must stay text when a spreadsheet opens it: https://owasp.org/www-community/attacks/CSV_Injection */
function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n;']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name}:${count}`)
    .join(" ");
