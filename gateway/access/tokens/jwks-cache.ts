import {
  createLocalJWKSet,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type FlattenedJWSInput,
  type KeyLike,
} from "jose";
import type { Logger } from "../../../kit/log";

/** The public keys behind tokens. */
export interface JwksCache {
  /**
   * The key for a token's header.
   * @throws UnknownKeyError when no key fits; KeysUnavailableError when no keys were ever fetched
   */
  keyFor(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<KeyLike | Uint8Array>;
  /** Grows whenever the keys change: what was verified under a smaller one must be verified again. */
  readonly version: number;
  /** False until keys were fetched once. */
  readonly hasKeys: boolean;
  /** Settles when keys were fetched once, or the cache is closed; until then they are asked for again and again. */
  readonly known: Promise<void>;
  close(): Promise<void>;
}

export class UnknownKeyError extends Error {
  override readonly name = "UnknownKeyError";
}

export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

const FETCH_TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_048_576;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/**
 * Keys are fetched at once, every second until there are any, and again when a token names a key that is not known, at most once per cool-down, so that made-up key ids cannot
 * be turned into requests. When a fetch fails the keys of the last one stay in use: a restart of the service that signs tokens must not
 * sign everybody out.
 *
 * @param options.fetchKeys for tests; by default GET of the URL
 */
export function createJwksCache(options: {
  url: string;
  log: Logger;
  cooldownMs?: number;
  now?: () => number;
  fetchKeys?: (url: string, signal: AbortSignal) => Promise<unknown>;
}): JwksCache {
  const { url, log, cooldownMs = 5_000, now = Date.now, fetchKeys = getJson } = options;
  const closed = new AbortController();
  let keys: KeySet | undefined;
  let keysText = "";
  let version = 0;
  let fetching: Promise<void> | undefined;
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  let again: NodeJS.Timeout | undefined;
  let isToldOfFailure = false;
  let tellKnown = () => {};
  const known = new Promise<void>((resolve) => (tellKnown = resolve));
  const firstCooldownMs = cooldownMs / 5;

  const refresh = (): Promise<void> =>
    (fetching ??= (async () => {
      try {
        const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
        const fetched = parseKeySet(await fetchKeys(url, signal));
        const text = JSON.stringify(fetched);
        if (text === keysText) return;
        keys = createLocalJWKSet(fetched);
        keysText = text;
        version++;
        tellKnown();
      } catch (err) {
        if (closed.signal.aborted) return;
        // Without any keys they are asked for every second: once is enough to be told.
        if (keys || !isToldOfFailure) log.warn({ err, kept: keys !== undefined }, "signing keys could not be fetched");
        isToldOfFailure = true;
        clearTimeout(again);
        if (!keys) again = setTimeout(() => void refresh(), firstCooldownMs).unref();
      } finally {
        fetchedAtMs = now();
        fetching = undefined;
      }
    })());

  const mayRefresh = () => fetching !== undefined || now() - fetchedAtMs >= (keys ? cooldownMs : firstCooldownMs);

  void refresh();
  return {
    get version() {
      return version;
    },
    get hasKeys() {
      return keys !== undefined;
    },
    known,
    keyFor: async (header, token) => {
      if (!keys && mayRefresh()) await refresh();
      if (!keys) throw new KeysUnavailableError("the signing keys are not known yet");
      const key = await keys(header, token).catch(() => undefined);
      if (key) return key;
      if (!mayRefresh()) throw new UnknownKeyError("no key fits the token");
      await refresh();
      return keys(header, token).catch((cause: unknown) => {
        throw new UnknownKeyError("no key fits the token", { cause });
      });
    },
    close: async () => {
      closed.abort();
      clearTimeout(again);
      tellKnown();
      await fetching;
    },
  };
}

async function getJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal, headers: { accept: "application/json" }, redirect: "error" });
  const text = await response.text();
  if (!response.ok) throw new Error(`the key endpoint answered with the status ${response.status}`);
  if (text.length > MAX_BYTES) throw new Error("the key set is too large");
  return JSON.parse(text);
}

/** Symmetric keys are dropped: a public document must not make an HMAC key out of what everybody can read. */
function parseKeySet(value: unknown): JSONWebKeySet {
  const list = typeof value === "object" && value !== null ? (value as { keys?: unknown }).keys : undefined;
  if (!Array.isArray(list)) throw new Error("the key set has no keys");
  return { keys: list.filter((key: { kty?: unknown } | null) => key !== null && key.kty !== "oct") };
}
