import { KeyIsOverError, makeKey, type MadeKey, rotateKey } from "../keys/make-key";
import type { ListedKey } from "../keys/partner-admin";
import { createPartnerAdmin } from "../store/create-partner-admin";
import { checkKey } from "./check-key";
import { type Command, type CommandResult, defineCommand, optional, required } from "./command";
import { CommandError } from "./command-error";
import { noPartner } from "./partner-commands";
import { printTable } from "./print-table";
import {
  readDuration,
  readKeyId,
  readLine,
  readMoment,
  readNetworks,
  readOneOf,
  readOperations,
  readScopes,
  readSlug,
} from "./read-values";
import { dayOf, minuteOf, settingsOf, shownKey } from "./show-values";

/** @param now that times such as 90d are counted from */
export const keyCommands = (now: Date): readonly Command[] => [
  defineCommand({
    name: "keys list",
    summary: "The keys of a partner, the newest first.",
    positions: {},
    flags: { partner: required("SLUG", readSlug) },
    run: async ({ partner }, context) => {
      const keys = await createPartnerAdmin(await context.database()).keysOf(partner);
      if (!keys) throw noPartner(partner);
      const shown = keys.map((key) => shownKey(key, now));
      const rows = shown.map((key) => [
        key.keyId,
        key.mode,
        key.state,
        key.label,
        key.scopes.join(","),
        key.operations?.join(",") ?? "all",
        key.allowedIps?.join(",") ?? "everywhere",
        dayOf(key.expiresAt) ?? "never",
        key.lastUsedAt ? minuteOf(key.lastUsedAt) : "never",
      ]);
      const headings = ["ID", "MODE", "STATE", "LABEL", "SCOPES", "OPERATIONS", "FROM", "EXPIRES", "USED"];
      return { text: rows.length === 0 ? `${partner} has no keys.` : printTable(headings, rows), json: shown };
    },
  }),
  defineCommand({
    name: "keys create",
    summary: "A new key, which is printed once.",
    positions: {},
    flags: {
      partner: required("SLUG", readSlug),
      mode: optional("live|test", readOneOf("live", "test"), "live"),
      label: optional("TEXT", readLine),
      scopes: optional("a,b", readScopes),
      operations: optional("A,B", readOperations),
      "allow-ip": optional("CIDR,…", readNetworks),
      expires: optional("90d|DATE", readMoment(now)),
    },
    run: async ({ partner, mode, label, scopes, operations, "allow-ip": allowedIps, expires }, context) => {
      const pepper = context.pepper();
      const admin = createPartnerAdmin(await context.database());
      const settings = {
        label: label ?? "",
        mode,
        scopes: scopes ?? [],
        operations: operations ?? null,
        allowedIps: allowedIps ?? null,
        expiresAt: expires ?? null,
      };
      const made = makeKey(settings, pepper, now);
      if (!(await admin.addKey(partner, made.key))) throw noPartner(partner);
      return showOnce(partner, made);
    },
  }),
  defineCommand({
    name: "keys rotate",
    summary: "A new key with the settings of an old one, which goes on for a while.",
    positions: { keyId: required("keyId", readKeyId) },
    flags: {
      overlap: optional("24h", readDuration, "24h"),
      expires: optional("90d|DATE", readMoment(now)),
    },
    run: async ({ keyId, overlap: overlapMs, expires: expiresAt }, context) => {
      const pepper = context.pepper();
      const admin = createPartnerAdmin(await context.database());
      const rotated = await rotateKey({ admin, keyId, overlapMs, expiresAt, pepper, now }).catch((error: unknown) => {
        if (!(error instanceof KeyIsOverError)) throw error;
        throw new CommandError([`The key ${keyId} is ${error.state}; make a new one with keys create.`]);
      });
      if (!rotated) throw noKey(keyId);
      const { old, made } = rotated;
      const { text, json } = showOnce(old.partner, made);
      const end = old.expiresAt as Date;
      return {
        text: `${text}\n\nThe key ${keyId} ends at ${minuteOf(end)}.`,
        json: { ...json, replaces: { keyId, expiresAt: end } },
      };
    },
  }),
  defineCommand({
    name: "keys revoke",
    summary: "Ends a key at once, on every gateway.",
    positions: { keyId: required("keyId", readKeyId) },
    flags: {},
    run: async ({ keyId }, context) => {
      const key = await createPartnerAdmin(await context.database()).revokeKey(keyId, now);
      if (!key) throw noKey(keyId);
      const since = minuteOf(key.revokedAt as Date);
      return { text: `The key ${keyId} of ${key.partner} is revoked since ${since}.`, json: shownKey(key, now) };
    },
  }),
  defineCommand({
    name: "keys check",
    summary: "Whose a key is that was found somewhere, and whether it is valid: give it on the standard input.",
    positions: {},
    flags: {},
    run: async (_, context) => {
      const text = (await context.input()).trim();
      if (!context.hasDatabase) return checkKey(text, undefined);
      const peppers = [context.pepper(), ...context.formerPeppers];
      const admin = createPartnerAdmin(await context.database());
      return checkKey(text, { peppers, now, find: (keyId): Promise<ListedKey | undefined> => admin.key(keyId) });
    },
  }),
];

function showOnce(partner: string, { key, text }: MadeKey): CommandResult & { readonly json: object } {
  const { hash: _, ...shown } = key;
  const lines = [`The ${key.mode} key ${key.keyId} of ${partner}, shown this once:`, "", `  ${text}`, ""];
  return { text: [...lines, ...settingsOf(key)].join("\n"), json: { ...shown, partner, key: text } };
}

const noKey = (keyId: string) => new CommandError([`There is no key ${keyId}.`]);
