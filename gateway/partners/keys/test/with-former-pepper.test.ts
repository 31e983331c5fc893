import { createApiKey, hashApiKey } from "../../../../kit/api-key";
import { recordingLog } from "../../../test/harness/recording-log";
import { createTestPartners, PEPPER, type TestPartners } from "../../../test/harness/test-partners";
import { createKeyStore } from "../../store/create-key-store";
import { createRenewHash } from "../../store/renew-key-hash";
import { createKeyChecker, type KeyChecker } from "../create-key-checker";
import { withFormerPepper } from "../with-former-pepper";

const NEXT = "the pepper that takes its place....";

describe("keys while their pepper is replaced", () => {
  let partners: TestPartners;
  const opened: KeyChecker[] = [];
  beforeAll(async () => {
    partners = await createTestPartners(["acme"]);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  afterAll(() => partners.close());

  const checkerOf = (pepper: string) => {
    const { log } = recordingLog();
    const checker = createKeyChecker({ keys: createKeyStore(partners.source), pepper, allowDemo: false, log });
    opened.push(checker);
    return checker;
  };
  const open = (peppers: readonly [string, string], renewHash = createRenewHash(partners.source)) => {
    const { log, lines } = recordingLog();
    const checker = withFormerPepper({
      checkers: [checkerOf(peppers[0]), checkerOf(peppers[1])],
      peppers,
      renewHash,
      log,
    });
    return { checker, lines };
  };
  const hashOf = async (keyId: string) =>
    (await partners.source.query<{ hash: string }[]>("select hash from api_keys where id = $1", [keyId]))[0]?.hash;

  it("are let in as before, and need the former one no more once they were used", async () => {
    const key = createApiKey("live");
    await partners.addKey("acme", {}, key);
    expect(await checkerOf(NEXT).check(key.text)).toBeUndefined();
    const { checker, lines } = open([NEXT, PEPPER]);
    expect(await checker.check(key.text)).toMatchObject({ slug: "acme", keyId: key.id });
    while ((await hashOf(key.id)) !== hashApiKey(key, NEXT)) continue;
    expect(await checkerOf(NEXT).check(key.text)).toMatchObject({ keyId: key.id });
    while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toMatchObject([{ keyId: key.id, msg: "a key is hashed with the present pepper now" }]);
    expect(JSON.stringify(lines)).not.toContain(key.text);
    // A gateway that still has the two the other way round knows it as well.
    expect(await open([PEPPER, NEXT]).checker.check(key.text)).toMatchObject({ keyId: key.id });
  });

  it("are refused under both when they are wrong or revoked, and keep their hashes", async () => {
    const [revoked, unknown] = [createApiKey("live"), createApiKey("live")];
    await partners.addKey("acme", { revoked_at: new Date() }, revoked);
    const { checker } = open([NEXT, PEPPER]);
    for (const text of [revoked.text, unknown.text, "letmein"]) expect(await checker.check(text)).toBeUndefined();
    expect(await hashOf(revoked.id)).toBe(hashApiKey(revoked, PEPPER));
  });

  it("are let in also while their hashes cannot be renewed, and forgotten under both", async () => {
    const key = createApiKey("live");
    await partners.addKey("acme", {}, key);
    const { checker, lines } = open([NEXT, PEPPER], () => Promise.reject(new Error("read only")));
    expect(await checker.check(key.text)).toMatchObject({ keyId: key.id });
    while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toMatchObject([{ level: 40, keyId: key.id }]);
    await partners.source.query("update api_keys set revoked_at = now() where id = $1", [key.id]);
    checker.forget(key.id);
    expect(await checker.check(key.text)).toBeUndefined();
  });
});
