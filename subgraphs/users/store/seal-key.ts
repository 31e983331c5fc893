import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { JWK } from "jose";

/**
 * Keeps private keys unreadable for whoever reads the database alone: AES-256-GCM under a key that HKDF derives from INTERNAL_SECRET.
 * The key's id is authenticated with it, so a sealed key cannot be put into another row.
 */
export interface KeySeal {
  /** @returns nonce (12 bytes), tag (16 bytes), ciphertext */
  seal(kid: string, privateJwk: JWK): Buffer;
  /** @returns undefined when it was sealed with another secret, for another id, or was changed */
  open(kid: string, sealed: Buffer): JWK | undefined;
}

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createKeySeal(internalSecret: string): KeySeal {
  const key = Buffer.from(hkdfSync("sha256", internalSecret, "", "tributary users signing keys", 32));
  return {
    seal: (kid, privateJwk) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(kid));
      const text = Buffer.concat([cipher.update(JSON.stringify(privateJwk), "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open: (kid, sealed) => {
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(kid))
        .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        const text =
          decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
        return JSON.parse(text) as JWK;
      } catch {
        // GCM says only that the tag does not fit, which is all there is to know.
        return undefined;
      }
    },
  };
}
