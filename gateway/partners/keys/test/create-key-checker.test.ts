import { createApiKey, hashApiKey } from "../../../../kit/api-key";
import { recordingLog } from "../../../test/harness/recording-log";
import { CallRefused } from "../../calls/call-refused";
import { createKeyChecker, KeysUnavailableError } from "../create-key-checker";
import type { KeyRecord, KeyStore } from "../key-store";

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
const NOW = Date.parse("2026-06-01T12:00:00Z");

/** A store of one key, and a checker on it. */
function setUp(
  changes: Partial<KeyRecord> = {},
  { allowDemo = true, rememberedMs = 1_000 }: { allowDemo?: boolean; rememberedMs?: number } = {},
) {
  const state = { record: { ...record, ...changes }, asked: [] as string[], isAway: false, now: NOW };
  const noted: ReadonlyMap<string, Date>[] = [];
  const keys: KeyStore = {
    find: (keyId) => {
      state.asked.push(keyId);
      if (state.isAway) return Promise.reject(new Error("away"));
      return Promise.resolve(keyId === state.record.keyId ? state.record : undefined);
    },
    noteUses: (uses) => {
      if (state.isAway) return Promise.reject(new Error("away"));
      noted.push(uses);
      return Promise.resolve();
    },
  };
  const { log, lines } = recordingLog();
  const checker = createKeyChecker({ keys, pepper: PEPPER, allowDemo, log, now: () => state.now, rememberedMs });
  return {
    state,
    noted,
    lines,
    checker,
    check: async (text = key.text, address?: string) => checker.check(text, address),
  };
}

test("a valid key tells who holds it; calls within a second ask the store once", async () => {
  const { check, state } = setUp({ operations: ["GetOrder"] });
  const partners = await Promise.all(Array.from({ length: 20 }, () => check()));
  expect(partners[0]).toEqual({
    id: "p1",
    slug: "acme",
    name: "Acme",
    keyId: key.id,
    mode: "live",
    operations: new Set(["GetOrder"]),
    identity: { kind: "partner", subject: "p1", roles: [], scopes: ["orders:read"] },
  });
  expect(state.asked).toEqual([key.id]);
});

test.each([
  ["its last character is another one", `${key.text.slice(0, -1)}${key.text.endsWith("0") ? "1" : "0"}`],
  ["its last character has several bytes", `${key.text.slice(0, -1)}\u20ac`],
  ["its last two characters do", `${key.text.slice(0, -2)}\u00e9\u00e9`],
  ["it goes on", `${key.text}0`],
])("refuses what is almost the key that was proven just now: %s", async (_what, text) => {
  const { check } = setUp();
  expect(await check()).toBeDefined();
  expect(await check()).toBeDefined();
  expect(await check(text)).toBeUndefined();
});

test.each<[string, string, Partial<KeyRecord>]>([
  ["is no key", "letmein", {}],
  ["has a wrong checksum", `${key.text.slice(0, -1)}${key.text.endsWith("0") ? "1" : "0"}`, {}],
  ["is unknown", createApiKey("live").text, {}],
  ["was revoked", key.text, { revokedAt: new Date(NOW - 1) }],
  ["has expired", key.text, { expiresAt: new Date(NOW) }],
  ["has the id of another one and a wrong secret", key.text, { hash: hashApiKey(createApiKey("live"), PEPPER) }],
  ["belongs to a record of the other mode", key.text, { mode: "test" }],
])("refuses a key that %s", async (_why, text, changes) => {
  expect(await setUp(changes).check(text)).toBeUndefined();
});

test("a key that expires is refused at that moment, whatever is remembered of it", async () => {
  const { check, state } = setUp({ expiresAt: new Date(NOW + 1) });
  expect(await check()).toBeDefined();
  state.now += 1;
  expect(await check()).toBeUndefined();
  expect(state.asked).toHaveLength(1);
});

test("an unknown id is remembered, so that guessing is no load on the store", async () => {
  const { check, state } = setUp();
  const guess = createApiKey("live");
  for (let i = 0; i < 5; i++) expect(await check(guess.text)).toBeUndefined();
  expect(state.asked).toEqual([guess.id]);
});

test("the demo key is refused where demo keys are not allowed", async () => {
  expect(await setUp({ demo: true }).check()).toBeDefined();
  expect(await setUp({ demo: true }, { allowDemo: false }).check()).toBeUndefined();
});

test("a changed key is asked for anew at once, also while an earlier question is not answered yet", async () => {
  const { check, checker, state } = setUp();
  const early = check();
  state.record = { ...state.record, revokedAt: new Date(NOW) };
  checker.forget(key.id);
  expect(await check()).toBeUndefined();
  await early;
  expect(await check()).toBeUndefined();
  state.record = { ...state.record, revokedAt: null };
  expect(await check()).toBeUndefined();
  checker.forget();
  expect(await check()).toBeDefined();
});

test("a key is read anew after its time; its partner is the same object for as long as it is read as it was", async () => {
  let atMs = 1_000;
  const clock = jest.spyOn(performance, "now").mockImplementation(() => atMs);
  try {
    const quota = (units: number) => ({ key: { units, windowS: 1 } });
    const { check, state } = setUp({ quotas: quota(5), expiresAt: new Date(NOW + 1) }, { rememberedMs: 10 });
    const later = () => {
      atMs += 11;
      return check();
    };
    const partner = await check();
    // As every row is another object.
    state.record = structuredClone(state.record);
    expect(await later()).toBe(partner);
    state.record = { ...state.record, quotas: quota(6) };
    const changed = await later();
    expect(changed).toMatchObject({ keyId: key.id, quotas: quota(6) });
    expect(changed).not.toBe(partner);
    state.record = { ...state.record, hash: hashApiKey(createApiKey("live"), PEPPER) };
    expect(await later()).toBeUndefined();
    state.record = { ...state.record, hash: record.hash, revokedAt: new Date(NOW) };
    expect(await later()).toBeUndefined();
    expect(state.asked).toHaveLength(5);
  } finally {
    clock.mockRestore();
  }
});

test("while keys cannot be read nobody is let in but who was just let in, and it is said once", async () => {
  const { check, checker, state, lines } = setUp();
  await check();
  state.isAway = true;
  expect(await check()).toBeDefined();
  checker.forget();
  for (let i = 0; i < 3; i++) await expect(check()).rejects.toThrow(KeysUnavailableError);
  expect(lines.filter(({ msg }) => msg.includes("cannot be read"))).toHaveLength(1);
  state.isAway = false;
  expect(await check()).toBeDefined();
  expect(lines.filter(({ msg }) => msg.includes("can be read again"))).toHaveLength(1);
});

test.each([
  ["192.0.2.7", true],
  ["::ffff:192.0.2.7", true],
  ["2001:db8::7", true],
  ["192.0.3.7", false],
  ["2001:db9::7", false],
  ["not an address", false],
  [undefined, false],
])("a key for some networks used from %s: %s", async (address, isAllowed) => {
  const { check } = setUp({ allowedIps: ["192.0.2.0/24", "2001:db8::/32"] });
  if (isAllowed) return expect(await check(key.text, address)).toBeDefined();
  await expect(check(key.text, address)).rejects.toMatchObject({ status: 403, code: "FORBIDDEN" });
  await expect(check(key.text, address)).rejects.toThrow(CallRefused);
});

test("from where a wrong key may be used is not told", async () => {
  const { check } = setUp({ allowedIps: ["192.0.2.0/24"], hash: hashApiKey(createApiKey("live"), PEPPER) });
  expect(await check(key.text, "198.51.100.1")).toBeUndefined();
});

test("the last use is written once a minute, and before the checker is closed", async () => {
  const { check, checker, state, noted } = setUp();
  for (let i = 0; i < 3; i++) await check();
  await checker.close();
  expect(noted).toEqual([new Map([[key.id, new Date(NOW)]])]);
  state.now += 59_999;
  await check();
  await checker.close();
  expect(noted).toHaveLength(1);
  state.now += 1;
  await check();
  await checker.close();
  expect(noted[1]).toEqual(new Map([[key.id, new Date(NOW + 60_000)]]));
});

test("a refused key was not used, and a use that could not be written is written with the next one", async () => {
  const refused = setUp({ revokedAt: new Date(NOW) });
  await refused.check();
  await refused.checker.close();
  expect(refused.noted).toEqual([]);

  const { check, checker, state, noted } = setUp();
  await check();
  state.isAway = true;
  await checker.close();
  state.isAway = false;
  await check();
  await checker.close();
  expect(noted).toHaveLength(1);
});

test("no key is in any line of the log", async () => {
  const { check, lines } = setUp({ revokedAt: new Date(NOW) });
  const others = [key.text, createApiKey("live").text, createApiKey("test").text];
  for (const text of others) await check(text);
  expect(lines.length).toBeGreaterThan(0);
  for (const text of others) expect(JSON.stringify(lines)).not.toContain(text.slice(-38));
});
