import { createApiKey, hashApiKey } from "../../../../kit/api-key";
import { createKeyChecker } from "../create-key-checker";
import type { KeyRecord } from "../key-store";

const PEPPER = "pepper";
const key = createApiKey("live");
const record: KeyRecord = {
  keyId: key.id,
  partner: { id: "p1", slug: "acme", name: "Acme" },
  mode: "live",
  hash: hashApiKey(key, PEPPER),
  scopes: ["orders:read"],
  operations: null,
  allowedIps: null,
  expiresAt: null,
  revokedAt: null,
  demo: false,
};
let asked: number;
beforeEach(() => (asked = 0));

const checker = (changes: Partial<KeyRecord> = {}, allowDemo = true) =>
  createKeyChecker({
    keys: {
      find: (keyId) => {
        asked++;
        const known = { ...record, ...changes };
        return Promise.resolve(keyId === known.keyId ? known : undefined);
      },
    },
    pepper: PEPPER,
    allowDemo,
  });

test("a valid key tells who holds it; calls within a second ask the store once", async () => {
  const keys = checker();
  const partners = await Promise.all(Array.from({ length: 20 }, () => keys.check(key.text)));
  expect(partners[0]).toEqual({
    id: "p1",
    slug: "acme",
    name: "Acme",
    keyId: key.id,
    mode: "live",
    operations: undefined,
    identity: { kind: "partner", subject: "p1", roles: [], scopes: ["orders:read"] },
  });
  expect(asked).toBe(1);
});

test.each<[string, string, Partial<KeyRecord>]>([
  ["is no key", "letmein", {}],
  ["has a wrong checksum", `${key.text.slice(0, -1)}${key.text.endsWith("0") ? "1" : "0"}`, {}],
  ["is unknown", createApiKey("live").text, {}],
  ["was revoked", key.text, { revokedAt: new Date("2026-01-01") }],
  ["has expired", key.text, { expiresAt: new Date("2026-01-01") }],
  ["belongs to a record with another secret", key.text, { hash: hashApiKey(createApiKey("live"), PEPPER) }],
  ["belongs to a record of the other mode", key.text, { mode: "test" }],
])("refuses a key that %s", async (_why, text, changes) => {
  expect(await checker(changes).check(text)).toBeUndefined();
});

test("the demo key is refused where demo keys are not allowed", async () => {
  expect(await checker({ demo: true }, true).check(key.text)).toBeDefined();
  expect(await checker({ demo: true }, false).check(key.text)).toBeUndefined();
});
