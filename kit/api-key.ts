import { createHmac, randomInt, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * Keys of the form `trib_<live|test>_<id><secret><checksum>`: 12 + 32 + 6 characters of base 62. The id finds the record without the
 * secret, the checksum tells a typing error or a made-up key without a look-up, and only an HMAC of the key is ever stored.
 */
export interface ApiKey {
  readonly mode: "live" | "test";
  /** Public: finds the record, may be logged. */
  readonly id: string;
  /** The whole key as the caller sends it. Never log it. */
  readonly text: string;
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_START = "trib_live_".length;
const ID_LENGTH = 12;
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
/** Of the text of every key, all of which are ASCII. */
export const API_KEY_LENGTH = ID_START + ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH;
const PATTERN = /^trib_(live|test)_([0-9A-Za-z]{12})([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

const randomText = (length: number) =>
  Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join("");

/** CRC-32 of the text before it, six base 62 digits, so that leaked keys can be recognised offline. */
function checksum(head: string): string {
  let rest = crc32(head);
  let digits = "";
  for (let i = 0; i < 6; i++) {
    digits = ALPHABET.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** Joins the parts of a key and adds its checksum; for keys that must be the same each time use fixed parts, otherwise `createApiKey`. */
export function composeApiKey(mode: ApiKey["mode"], id: string, secret: string): ApiKey {
  const head = `trib_${mode}_${id}${secret}`;
  const key = parseApiKey(head + checksum(head));
  if (!key) throw new Error("the parts of an API key must be 12 and 32 characters of base 62");
  return key;
}

export const createApiKey = (mode: ApiKey["mode"]): ApiKey =>
  composeApiKey(mode, randomText(ID_LENGTH), randomText(SECRET_LENGTH));

/** @returns `undefined` for anything that is not a key: wrong form or wrong checksum */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, mode, id, secret, sum] = PATTERN.exec(text) ?? [];
  if (!id || !secret || checksum(`trib_${mode}_${id}${secret}`) !== sum) return undefined;
  return { mode: mode as ApiKey["mode"], id, text };
}

/** Where a key has its id, whether or not the text is a key. */
export const idOfApiKey = (text: string): string => text.slice(ID_START, ID_START + ID_LENGTH);

/** What is stored of a key. @param pepper a secret kept apart from the database @returns 64 hex digits */
export const hashApiKey = (key: ApiKey, pepper: string): string =>
  createHmac("sha256", pepper).update(key.text).digest("hex");

/** Compares in constant time. */
export function matchesApiKey(key: ApiKey, pepper: string, storedHash: string): boolean {
  const expected = Buffer.from(hashApiKey(key, pepper), "hex");
  const stored = Buffer.from(storedHash, "hex");
  return stored.length === expected.length && timingSafeEqual(stored, expected);
}
