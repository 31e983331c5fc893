import { hash, verify } from "@node-rs/argon2";

export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 128;

/** argon2id, which is the library's default algorithm, with the parameters of
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface PasswordHasher {
  /** @returns a PHC string with its own salt */
  hash(password: string): Promise<string>;
  /**
   * Compares, off the main thread. Takes the same time without a hash to compare with, so that the time of an answer does not tell
   * whether an account exists.
   */
  matches(password: string, hash: string | undefined): Promise<boolean>;
}

export async function createPasswordHasher(): Promise<PasswordHasher> {
  // The same letters can be written with different code points, depending on the keyboard: NFKC makes them one (NIST SP 800-63B, 3.1.1.2).
  const normalise = (password: string) => password.normalize("NFKC");
  const hashPassword = (password: string) => hash(normalise(password), PARAMETERS);
  const decoy = await hashPassword("nobody has this password");
  return {
    hash: hashPassword,
    matches: async (password, stored) => {
      const matched = await verify(stored ?? decoy, normalise(password));
      return matched && stored !== undefined;
    },
  };
}
