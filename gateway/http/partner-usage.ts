import type { IncomingMessage } from "node:http";
import type { Logger } from "../../kit/log";
import { CallRefused } from "../partners/calls/call-refused";
import { readUsageQuery } from "../partners/usage/read-usage-query";
import { usageCsv } from "../partners/usage/usage-csv";
import { usageReport } from "../partners/usage/usage-report";
import type { UsageEntry } from "../partners/usage/usage-entry";
import type { UsageQuery, UsageStore } from "../partners/usage/usage-store";
import { HttpRefusal } from "./http-refusal";
import type { PartnerCall } from "./partner-call";
import { answeringProblems } from "./partner-refusal";
import { searchOf } from "./read-graphql-request";
import { sendRevalidated, VARY } from "./send-revalidated";

export const USAGE_PATH = "/usage";
/** Of keys, operations and days in one answer. */
const MAX_ENTRIES = 10_000;

/** `GET /partner/v1/usage`: what the partner's keys were used for, day by day, in JSON or CSV; every refusal a problem document. */
export function createPartnerUsage(options: {
  usage: Pick<UsageStore, "read">;
  log: Logger;
}): (call: PartnerCall) => Promise<void> {
  const { usage, log } = options;

  const read = async (query: Omit<UsageQuery, "maxEntries">): Promise<readonly UsageEntry[]> => {
    let entries: readonly UsageEntry[];
    try {
      entries = await usage.read({ ...query, maxEntries: MAX_ENTRIES + 1 });
    } catch (err) {
      log.error({ err }, "usage figures could not be read");
      throw new CallRefused(503, "SERVICE_UNAVAILABLE", "Usage figures cannot be read at the moment; try again.");
    }
    if (entries.length <= MAX_ENTRIES) return entries;
    const message = `These are more than ${MAX_ENTRIES} figures. Ask for fewer days or for one operation.`;
    throw new CallRefused(400, "BAD_USER_INPUT", message);
  };

  const answer = async (call: PartnerCall): Promise<void> => {
    const { req, partner } = call;
    if (req.method !== "GET" && req.method !== "HEAD") {
      throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", "This path takes GET only.", { allow: "GET, HEAD, OPTIONS" });
    }
    const { format, ...query } = readUsageQuery(searchOf(req), Date.now());
    const report = usageReport(query, await read({ ...query, partnerId: partner.id }));
    const vary = `${VARY}, Accept`;
    if ((format ?? (prefersCsv(req) ? "csv" : "json")) === "json") {
      return sendRevalidated(call, JSON.stringify(report), "application/json; charset=utf-8", { vary });
    }
    sendRevalidated(call, usageCsv(report), "text/csv; charset=utf-8; header=present", {
      vary,
      headers: {
        "content-disposition": `attachment; filename="usage-${report.from}-${report.to}.csv"`,
        "x-content-type-options": "nosniff",
      },
    });
  };

  return answeringProblems(answer);
}

/** Asked for by name, and not less than JSON: who takes anything gets JSON. https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1 */
function prefersCsv({ headers }: IncomingMessage): boolean {
  const qualities = new Map<string, number>();
  for (const range of (headers.accept ?? "").toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    qualities.set(type, quality === undefined ? 1 : Number(quality) || 0);
  }
  const csv = qualities.get("text/csv") ?? 0;
  return csv > 0 && csv >= (qualities.get("application/json") ?? 0);
}
