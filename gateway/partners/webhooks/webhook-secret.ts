import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

const PREFIX = "whsec_";
const PRIVATE_PREFIX = "whsk_";
const PUBLIC_PREFIX = "whpk_";
const SECRET_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * How an endpoint's messages are signed: `v1` by HMAC with a secret that both sides have, `v1a` by Ed25519 with a key that the partner can verify with and
 * not sign. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
export type SignatureScheme = "v1" | "v1a";

/** What signs, new: `whsec_…` as the partner keeps it, or `whsk_…`, which nobody outside is told. */
export function createWebhookSecret(scheme: SignatureScheme = "v1"): string {
  if (scheme === "v1") return PREFIX + randomBytes(SECRET_BYTES).toString("base64");
  const { d = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return PRIVATE_PREFIX + Buffer.from(d, "base64url").toString("base64");
}

export const schemeOf = (secret: string): SignatureScheme => (secret.startsWith(PRIVATE_PREFIX) ? "v1a" : "v1");

/** The bytes that sign: of `v1`. */
export const secretBytes = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), "base64");

/** What signs, of `v1a`. */
export const signingKey = (secret: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8_OF_ED25519, Buffer.from(secret.slice(PRIVATE_PREFIX.length), "base64")]),
    format: "der",
    type: "pkcs8",
  });

/** All of PKCS#8 but the 32 bytes of the key: https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const PKCS8_OF_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

/** `whpk_…`, with which the partner verifies. @returns undefined for a secret of `v1` */
export function publicKeyOf(secret: string): string | undefined {
  if (schemeOf(secret) === "v1") return undefined;
  const { x = "" } = createPublicKey(signingKey(secret)).export({ format: "jwk" });
  return PUBLIC_PREFIX + Buffer.from(x, "base64url").toString("base64");
}

/**
 * Secrets have to be read again, for they sign: so they are encrypted, not hashed. A copy of the database alone signs nothing.
 */
export interface SecretSealer {
  /** @param endpointId a sealed secret opens for this endpoint only */
  seal(secret: string, endpointId: string): string;
  /** @throws when it was sealed for another endpoint, under another key, or was changed */
  open(sealed: string, endpointId: string): string;
  /** @returns it sealed anew, undefined when it is sealed under the key of now @throws as `open` does */
  renew(sealed: string, endpointId: string): string | undefined;
}

/**
 * @param key a secret of the gateway's; what is sealed under one cannot be opened under another
 * @param former the one before, under which nothing is sealed any more
 */
export function createSecretSealer(key: string, former?: string): SecretSealer {
  const current = sealerOf(key);
  const before = former === undefined ? undefined : sealerOf(former);
  return {
    seal: current.seal,
    open: (sealed, endpointId) => {
      try {
        return current.open(sealed, endpointId);
      } catch (error) {
        if (!before) throw error;
        return before.open(sealed, endpointId);
      }
    },
    renew: (sealed, endpointId) => {
      try {
        current.open(sealed, endpointId);
        return undefined;
      } catch (error) {
        if (!before) throw error;
        return current.seal(before.open(sealed, endpointId), endpointId);
      }
    },
  };
}

/** Of one key. */
function sealerOf(key: string): Pick<SecretSealer, "seal" | "open"> {
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
