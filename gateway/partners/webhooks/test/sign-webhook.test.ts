import { sign as signBytes } from "node:crypto";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { signWebhook, webhookBody } from "../sign-webhook";
import { createSecretSealer, createWebhookSecret, publicKeyOf, signingKey } from "../webhook-secret";
import { verifiesEd25519 } from "./receiver";

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

test("by Ed25519 what is signed is verified with the public key alone", () => {
  const secret = createWebhookSecret("v1a");
  const publicKey = publicKeyOf(secret)!;
  expect([secret, publicKey]).toEqual([
    expect.stringMatching(/^whsk_[A-Za-z0-9+/]{43}=$/),
    expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/),
  ]);
  const headers = sign([secret]);
  expect(verifiesEd25519(publicKey, body, headers)).toBe(true);
  expect(verifiesEd25519(publicKey, `${body} `, headers)).toBe(false);
  expect(verifiesEd25519(publicKeyOf(createWebhookSecret("v1a"))!, body, headers)).toBe(false);
  expect(publicKeyOf(createWebhookSecret())).toBeUndefined();
});

test("the key of RFC 8032 makes the signature of RFC 8032", () => {
  // https://www.rfc-editor.org/rfc/rfc8032#section-7.1, test 2
  const seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  const secret = `whsk_${Buffer.from(seed, "hex").toString("base64")}`;
  expect(Buffer.from(publicKeyOf(secret)!.slice("whpk_".length), "base64").toString("hex")).toBe(
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  );
  expect(signBytes(null, Buffer.from("72", "hex"), signingKey(secret)).toString("hex")).toBe(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
});

test("while one scheme takes the other's place either verifies", () => {
  const [secret, key] = [createWebhookSecret(), createWebhookSecret("v1a")];
  const headers = sign([key, secret]);
  expect(headers["webhook-signature"]).toMatch(/^v1a,\S+ v1,\S+$/);
  expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
  expect(verifiesEd25519(publicKeyOf(key)!, body, headers)).toBe(true);
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

test("while the key of the sealer is replaced what the one before has sealed opens, and is sealed anew once", () => {
  const [before, now] = [createSecretSealer("the key before"), createSecretSealer("the key now", "the key before")];
  const secret = createWebhookSecret();
  const sealed = before.seal(secret, "endpoint 1");
  expect(now.open(sealed, "endpoint 1")).toBe(secret);
  const renewed = now.renew(sealed, "endpoint 1")!;
  expect(createSecretSealer("the key now").open(renewed, "endpoint 1")).toBe(secret);
  expect(now.renew(renewed, "endpoint 1")).toBeUndefined();
  expect(createSecretSealer("the key now").seal(secret, "endpoint 1")).not.toBe(renewed);
  for (const open of [now.open, now.renew]) {
    expect(() => open(sealed, "endpoint 2")).toThrow();
    expect(() => open(createSecretSealer("a third key").seal(secret, "endpoint 1"), "endpoint 1")).toThrow();
  }
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
