import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { signWebhook, webhookBody } from "../sign-webhook";
import { createSecretSealer, createWebhookSecret } from "../webhook-secret";

const body = webhookBody({ type: "shop.order.placed.v1", timestamp: "2026-11-21T12:00:00Z", data: { id: "é" } });
const sign = (secrets: readonly string[], at = new Date()) => ({ ...signWebhook({ id: "msg_1", body, at }, secrets) });

test("what is signed is verified by the package that partners use", () => {
  const secret = createWebhookSecret();
  expect(new Webhook(secret).verify(body, sign([secret]))).toEqual(JSON.parse(body));
  // To the byte: the seconds are whole, whatever the milliseconds.
  const at = new Date(1_800_000_000_999);
  const { "webhook-signature": signature } = sign([secret], at);
  expect(signature).toBe(new Webhook(secret).sign("msg_1", new Date(1_800_000_000_000), body));
});

test("while secrets overlap either one verifies, and no other", () => {
  const [old, next, other] = [createWebhookSecret(), createWebhookSecret(), createWebhookSecret()];
  const headers = sign([next, old]);
  expect(headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
  for (const secret of [old, next]) expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
  expect(() => new Webhook(other).verify(body, headers)).toThrow(WebhookVerificationError);
});

test("a changed body, id or time is not verified, and nor is a message of long ago", () => {
  const secret = createWebhookSecret();
  const webhook = new Webhook(secret);
  const headers = sign([secret]);
  expect(() => webhook.verify(`${body} `, headers)).toThrow(WebhookVerificationError);
  expect(() => webhook.verify(body, { ...headers, "webhook-id": "msg_2" })).toThrow(WebhookVerificationError);
  const later = String(Number(headers["webhook-timestamp"]) + 1);
  expect(() => webhook.verify(body, { ...headers, "webhook-timestamp": later })).toThrow(WebhookVerificationError);
  const old = sign([secret], new Date(Date.now() - 3_600_000));
  expect(() => webhook.verify(body, old)).toThrow("too old");
});

test("a sealed secret opens for its endpoint and under its key, and for no other", () => {
  const secret = createWebhookSecret();
  const sealer = createSecretSealer("a key of the gateway's");
  const sealed = sealer.seal(secret, "endpoint 1");
  expect(sealer.open(sealed, "endpoint 1")).toBe(secret);
  expect(sealed).not.toContain(secret.slice("whsec_".length));
  expect(sealer.seal(secret, "endpoint 1")).not.toBe(sealed);
  expect(() => sealer.open(sealed, "endpoint 2")).toThrow();
  expect(() => createSecretSealer("another key").open(sealed, "endpoint 1")).toThrow();
  const changed = Buffer.from(sealed, "base64");
  changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
  expect(() => sealer.open(changed.toString("base64"), "endpoint 1")).toThrow();
});
