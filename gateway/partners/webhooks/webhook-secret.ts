import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A new secret as the partner keeps it. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
export const createWebhookSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString("base64");

/** The bytes that sign. */
export const secretBytes = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), "base64");

/**
 * Secrets have to be read again, for they sign: so they are encrypted, not hashed. A copy of the database alone signs nothing.
 */
export interface SecretSealer {
  /** @param endpointId a sealed secret opens for this endpoint only */
  seal(secret: string, endpointId: string): string;
  /** @throws when it was sealed for another endpoint, under another key, or was changed */
  open(sealed: string, endpointId: string): string;
}

/** @param key a secret of the gateway's; what is sealed under one cannot be opened under another */
export function createSecretSealer(key: string): SecretSealer {
  const derived = Buffer.from(hkdfSync("sha256", key, "", "tributary webhook secrets", 32));
  return {
    seal: (secret, endpointId) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", derived, iv).setAAD(Buffer.from(endpointId));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64");
    },
    open: (sealed, endpointId) => {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", derived, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(endpointId)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    },
  };
}
