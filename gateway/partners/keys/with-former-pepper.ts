import { hashApiKey, parseApiKey } from "../../../kit/api-key";
import type { Logger } from "../../../kit/log";
import type { KeyChecker } from "./create-key-checker";

/** @returns whether the key had that hash still @throws while the store does not answer */
export type RenewHash = (keyId: string, from: string, to: string) => Promise<boolean>;

/**
 * While a pepper is replaced: a key that was hashed with the one before is let in as well, and hashed anew, which only its text makes possible. A key that
 * was used since needs the former pepper no more.
 * @param options.checkers of the present pepper and of the former one
 */
export function withFormerPepper(options: {
  checkers: readonly [present: KeyChecker, former: KeyChecker];
  peppers: readonly [present: string, former: string];
  renewHash: RenewHash;
  log: Logger;
}): KeyChecker {
  const {
    checkers: [present, former],
    peppers,
    renewHash,
    log,
  } = options;

  /** Nobody waits for it: the next call tries again. */
  const renew = (text: string, keyId: string): void => {
    const key = parseApiKey(text);
    if (!key) return;
    const [to, from] = peppers.map((pepper) => hashApiKey(key, pepper)) as [string, string];
    renewHash(keyId, from, to).then(
      (isDone) => isDone && log.info({ keyId }, "a key is hashed with the present pepper now"),
      (err: unknown) => log.warn({ err, keyId }, "a key could not be hashed with the present pepper"),
    );
  };

  return {
    check: async (text, address) => {
      const partner = await present.check(text, address);
      if (partner) return partner;
      const before = await former.check(text, address);
      if (before) renew(text, before.keyId);
      return before;
    },
    forget: (keyId) => {
      present.forget(keyId);
      former.forget(keyId);
    },
    close: async () => {
      await present.close();
      await former.close();
    },
  };
}
