import type { Quota } from "../quotas/quota";
import { createQuotaSettings } from "../store/quotas";
import { type Command, defineCommand, optional, required, toggle, ValueError } from "./command";
import { CommandError } from "./command-error";
import { noPartner } from "./partner-commands";
import { printTable } from "./print-table";
import { readKeyId, readSlug } from "./read-values";

const MAX_UNITS = 1_000_000_000_000;
/** A leap year. */
const MAX_WINDOW_S = 31_622_400;

export const quotaCommands: readonly Command[] = [
  defineCommand({
    name: "quotas show",
    summary: "The quotas that a partner and its keys have in place of the gateways' settings.",
    positions: {},
    flags: { partner: required("SLUG", readSlug) },
    run: async ({ partner }, context) => {
      const found = await createQuotaSettings(await context.database()).list(partner);
      if (!found) throw noPartner(partner);
      const own: readonly (readonly [string, Quota])[] = [
        ...(found.partner ? [["partner", found.partner] as const] : []),
        ...[...found.keys].map(([keyId, quota]) => [`key ${keyId}`, quota] as const),
      ];
      const rows = own.map(([whose, { units, windowS }]) => [whose, String(units), `${windowS} s`]);
      return {
        text: own.length === 0 ? `${partner} has the quotas of the settings.` : printTable(["OF", "UNITS", "IN"], rows),
        json: { partner: found.partner ?? null, keys: Object.fromEntries(found.keys) },
      };
    },
  }),
  defineCommand({
    name: "quotas set",
    summary: "How many cost units a partner, or one of its keys, may use in how many seconds; it holds at once.",
    positions: {},
    flags: {
      partner: required("SLUG", readSlug),
      key: optional("KEYID", readKeyId),
      units: optional("100000", readWithin(MAX_UNITS)),
      seconds: optional("60", readWithin(MAX_WINDOW_S)),
      reset: toggle,
    },
    run: async ({ partner, key, units, seconds, reset }, context) => {
      const quota = units !== undefined && seconds !== undefined ? { units, windowS: seconds } : undefined;
      if (reset ? units !== undefined || seconds !== undefined : !quota) {
        throw new CommandError(["Give --units and --seconds, or --reset for the quota of the settings."]);
      }
      const whose = { slug: partner, ...(key === undefined ? {} : { keyId: key }) };
      const isSet = await createQuotaSettings(await context.database()).set(whose, quota);
      if (!isSet) throw key === undefined ? noPartner(partner) : new CommandError([`${partner} has no key ${key}.`]);
      const name = key === undefined ? partner : `The key ${key} of ${partner}`;
      const may = quota ? `may use ${quota.units} cost units in ${quota.windowS} s` : "has the quota of the settings";
      return { text: `${name} ${may}.`, json: { ...whose, quota: quota ?? null } };
    },
  }),
];

function readWithin(most: number) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= most) return value;
    throw new ValueError(`must be a whole number from 1 to ${most}`);
  };
}
