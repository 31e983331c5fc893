import { type ApiKey, createApiKey } from "../../../../kit/api-key";
import type { Closable } from "../../../../kit/shutdown";
import { DEMO_PARTNER_KEY, DEMO_PARTNER_TEST_KEY } from "../../../../schema/demo";
import { type LogRecord, recordingLog } from "../../../test/harness/recording-log";
import { createTestPartners, PEPPER, type TestPartners } from "../../../test/harness/test-partners";
import { createKeyChecker, type KeyChecker, KeysUnavailableError } from "../../keys/create-key-checker";
import { createKeyStore } from "../create-key-store";
import { openPartnerStores } from "../open-partner-stores";
import { watchKeys } from "../watch-keys";

const HOUR_MS = 3_600_000;
let partners: TestPartners;
const open: Closable[] = [];

beforeAll(async () => {
  partners = await createTestPartners(["acme", "globex"]);
});
afterEach(async () => {
  await partners.network.heal();
  for (const one of open.splice(0).reverse()) await one.close();
});
afterAll(() => partners.close());

interface Checking {
  readonly keys: KeyChecker;
  readonly lines: readonly LogRecord[];
}

/** What a gateway has of keys. @param rememberedMs an hour: only being told of a change makes it hold */
async function startChecking({ pepper = PEPPER, rememberedMs = HOUR_MS, seedDemo = false } = {}): Promise<Checking> {
  const { log, lines } = recordingLog();
  const url = partners.env.PARTNERS_DATABASE_URL;
  const stores = openPartnerStores({ url, keyPepper: pepper, seedDemo, log });
  open.push(stores);
  const keys = createKeyChecker({ keys: createKeyStore(stores.source), pepper, allowDemo: true, log, rememberedMs });
  open.push(keys, watchKeys({ url, opened: stores.opened, onChange: keys.forget, log }));
  await stores.opened;
  await saying(lines, HEARD);
  return { keys, lines };
}

const HEARD = "changes of partners' keys are heard of";
const DEAF = "changes of partners' keys are not heard of, they hold within a second";

const saying = (lines: readonly LogRecord[], message: string, times = 1) =>
  until(() => Promise.resolve(lines.filter(({ msg }) => msg === message).length >= times));

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

const addKey = async (columns: Readonly<Record<string, unknown>> = {}, key: ApiKey = createApiKey("live")) => {
  await partners.addKey("acme", columns, key);
  return key;
};

test("a key is found with all that was written of it", async () => {
  const expiresAt = new Date("2099-01-01T00:00:00Z");
  const key = await addKey({
    scopes: ["orders:read"],
    operations: ["GetOrder"],
    allowed_ips: ["192.0.2.0/24", "2001:db8::/32"],
    expires_at: expiresAt,
  });
  expect(await createKeyStore(partners.source).find(key.id)).toEqual({
    keyId: key.id,
    partner: { id: partners.ids["acme"], slug: "acme", name: "acme" },
    mode: "live",
    hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    scopes: ["orders:read"],
    operations: ["GetOrder"],
    allowedIps: ["192.0.2.0/24", "2001:db8::/32"],
    expiresAt,
    revokedAt: null,
    demo: false,
  });
  expect(await createKeyStore(partners.source).find(createApiKey("live").id)).toBeUndefined();
});

test("what is changed in the database holds at every gateway as soon as it is told, long before it would be forgotten", async () => {
  const [first, second] = await Promise.all([startChecking(), startChecking()]);
  const key = await addKey();
  const valid = async () =>
    Promise.all([first, second].map(async ({ keys }) => (await keys.check(key.text))?.keyId === key.id));
  await until(async () => (await valid()).every(Boolean));
  for (const [change, undo] of [
    ["revoked_at = now()", "revoked_at = null"],
    ["expires_at = now()", "expires_at = null"],
    ["hash = repeat('0', 64) || hash", "hash = substr(hash, 65)"],
  ] as const) {
    await partners.source.query(`update api_keys set ${change} where id = $1`, [key.id]);
    await until(async () => !(await valid()).some(Boolean));
    await partners.source.query(`update api_keys set ${undo} where id = $1`, [key.id]);
    await until(async () => (await valid()).every(Boolean));
  }
  await partners.source.query("delete from api_keys where id = $1", [key.id]);
  await until(async () => !(await valid()).some(Boolean));
});

test("a key that was unknown a moment ago is let in as soon as it is made", async () => {
  const { keys } = await startChecking();
  const key = createApiKey("live");
  expect(await keys.check(key.text)).toBeUndefined();
  await addKey({}, key);
  await until(async () => (await keys.check(key.text)) !== undefined);
});

test("a partner's new name is known at once, and keys of a removed partner are refused at once", async () => {
  const { keys } = await startChecking();
  const key = partners.keys["globex"]!;
  await until(async () => (await keys.check(key)) !== undefined);
  await partners.source.query("update partners set name = 'Globex Corporation' where slug = 'globex'");
  await until(async () => (await keys.check(key))?.name === "Globex Corporation");
  await partners.source.query("delete from partners where slug = 'globex'");
  await until(async () => (await keys.check(key)) === undefined);
});

test("who cannot hear of changes forgets within a second, and hears again when the network is back", async () => {
  const { keys, lines } = await startChecking({ rememberedMs: 1_000 });
  const key = await addKey();
  await until(async () => (await keys.check(key.text)) !== undefined);
  await partners.network.refuse();
  await saying(lines, DEAF);
  await expect(keys.check(key.text)).rejects.toThrow(KeysUnavailableError);
  await partners.source.query("update api_keys set revoked_at = now() where id = $1", [key.id]);
  await partners.network.heal();
  const check = async () => keys.check(key.text);
  await until(async () => {
    const partner = await check().catch(() => "not known");
    if (typeof partner === "object") throw new Error("a revoked key was let in");
    return partner === undefined;
  });
  await saying(lines, HEARD, 2);
});

test("a network that swallows everything makes nobody wait longer than a few seconds, and no connection unusable for long", async () => {
  const { keys } = await startChecking();
  const key = await addKey();
  await until(async () => (await keys.check(key.text)) !== undefined);
  keys.forget();
  partners.network.abandon();
  await expect(keys.check(key.text)).rejects.toThrow(KeysUnavailableError);
  expect((await keys.check(key.text))?.keyId).toBe(key.id);
});

test("the last use is written, of several gateways once a minute, and is no change of the key", async () => {
  const store = createKeyStore(partners.source);
  const { id } = await addKey();
  const lastUse = async () => {
    const [row] = await partners.source.query<{ at: Date | null }[]>(
      "select last_used_at as at from api_keys where id = $1",
      [id],
    );
    return row?.at?.toISOString();
  };
  const note = (at: string) => store.noteUses(new Map([[id, new Date(at)]]));
  await note("2026-06-01T12:00:00.000Z");
  await note("2026-06-01T12:00:59.999Z");
  await note("2026-06-01T11:00:00.000Z");
  expect(await lastUse()).toBe("2026-06-01T12:00:00.000Z");
  await note("2026-06-01T12:01:00.000Z");
  expect(await lastUse()).toBe("2026-06-01T12:01:00.000Z");
});

describe("the demo partner", () => {
  const demoKeys = [DEMO_PARTNER_KEY, DEMO_PARTNER_TEST_KEY];
  const slugs = async () =>
    (await partners.source.query<{ slug: string }[]>("select slug from partners order by slug")).map(
      ({ slug }) => slug,
    );

  test("is not put into a store with partners", async () => {
    const { keys } = await startChecking({ seedDemo: true });
    expect(await slugs()).toEqual(["acme"]);
    for (const key of demoKeys) expect(await keys.check(key)).toBeUndefined();
  });

  test("is put into an empty store once, by gateways that start at the same time, and its keys follow a changed pepper", async () => {
    await partners.source.query("delete from partners");
    const [{ keys }] = await Promise.all([startChecking({ seedDemo: true }), startChecking({ seedDemo: true })]);
    expect(await slugs()).toEqual(["acme"]);
    const modes = await Promise.all(demoKeys.map(async (key) => (await keys.check(key))?.mode));
    expect(modes).toEqual(["live", "test"]);

    const changed = await startChecking({ seedDemo: true, pepper: "another pepper, which is long enough as well" });
    for (const key of demoKeys) expect(await changed.keys.check(key)).toBeDefined();
    await until(async () => (await keys.check(DEMO_PARTNER_KEY)) === undefined);
  });

  test("is not put anywhere unless that is asked for", async () => {
    await partners.source.query("delete from partners");
    await startChecking();
    expect(await slugs()).toEqual([]);
  });
});
