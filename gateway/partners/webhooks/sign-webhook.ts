import { createHmac, sign } from "node:crypto";
import { schemeOf, secretBytes, signingKey } from "./webhook-secret";

/** Headers of one attempt; names in small letters. */
export interface WebhookHeaders {
  readonly "webhook-id": string;
  /** Seconds since 1970, of the attempt. */
  readonly "webhook-timestamp": string;
  /** One signature for each secret that is valid, the newest first. */
  readonly "webhook-signature": string;
}

/**
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @param secrets `whsec_…` or `whsk_…`: two while a rotation overlaps, so that the partner can take the new one at any time
 */
export function signWebhook(
  message: { readonly id: string; readonly body: string; readonly at: Date },
  secrets: readonly string[],
): WebhookHeaders {
  const timestamp = String(Math.floor(message.at.getTime() / 1_000));
  const signed = `${message.id}.${timestamp}.${message.body}`;
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": secrets.map((secret) => signatureOf(signed, secret)).join(" "),
  };
}

function signatureOf(signed: string, secret: string): string {
  if (schemeOf(secret) === "v1a")
    return `v1a,${sign(null, Buffer.from(signed), signingKey(secret)).toString("base64")}`;
  return `v1,${createHmac("sha256", secretBytes(secret)).update(signed).digest("base64")}`;
}

/** What a partner gets. @param data the `data` of a GraphQL answer, or of the platform's own messages */
export const webhookBody = (content: {
  readonly type: string;
  /** ISO 8601: when it happened. */
  readonly timestamp: string;
  readonly data: unknown;
  /** GraphQL's errors beside data that is not whole. */
  readonly errors?: readonly unknown[];
}): string => JSON.stringify(content);
