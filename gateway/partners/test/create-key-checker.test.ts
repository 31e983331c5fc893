import { createApiKey, hashApiKey } from "../../../kit/api-key";
import { type HttpListener, listen } from "../../../kit/http/listen";
import { respondJson } from "../../../kit/http/respond";
import { createIdentityKey, IDENTITY_HEADER, verifyIdentity } from "../../../kit/identity";
import { createKeyChecker, type KeyChecker } from "../create-key-checker";

const SECRET = "a secret of at least thirty-two characters";
const PEPPER = "pepper";
const key = createApiKey("live");
const record = {
  keyId: key.id,
  partnerId: "p1",
  partnerSlug: "acme",
  name: "Acme",
  mode: "live",
  hash: hashApiKey(key, PEPPER),
  scopes: ["orders:read"],
  expiresAt: null as string | null,
  revokedAt: null as string | null,
  demo: false,
};
let answer: { status: number; body: unknown };
let asked: number;
let owner: HttpListener;
const checkers: KeyChecker[] = [];
/** Records exist for the key of the suite and for whatever key a test puts into `answer`. */
const answerable = (url: string) =>
  [key.id, (answer.body as { keyId?: unknown }).keyId].some((id) => url.endsWith(`/${String(id)}`));

const checker = (allowDemo = true) => {
  const made = createKeyChecker({
    url: `http://127.0.0.1:${owner.port}/internal/partner-keys`,
    pepper: PEPPER,
    internalSecret: SECRET,
    allowDemo,
  });
  checkers.push(made);
  return made;
};

beforeAll(async () => {
  owner = await listen(
    (req, res) => {
      asked++;
      void verifyIdentity(createIdentityKey(SECRET), req.headers[IDENTITY_HEADER] as string, "users").then(
        () => (answerable(req.url ?? "") ? respondJson(res, answer.status, answer.body) : respondJson(res, 404, {})),
        () => respondJson(res, 401, {}),
      );
    },
    { port: 0, host: "127.0.0.1" },
  );
});
beforeEach(() => {
  asked = 0;
  answer = { status: 200, body: record };
});
afterAll(async () => {
  await Promise.all(checkers.map((one) => one.close()));
  await owner.close();
});

test("a valid key tells who holds it; calls within a second ask its owner once", async () => {
  const keys = checker();
  const partners = await Promise.all(Array.from({ length: 20 }, () => keys.check(key.text)));
  expect(partners[0]).toEqual({
    slug: "acme",
    name: "Acme",
    keyId: key.id,
    identity: { kind: "partner", subject: "p1", roles: [], scopes: ["orders:read"] },
  });
  expect(asked).toBe(1);
});

test.each([
  ["is no key", "letmein", {}],
  ["has a wrong checksum", `${key.text.slice(0, -1)}${key.text.endsWith("0") ? "1" : "0"}`, {}],
  ["is unknown", createApiKey("live").text, {}],
  ["was revoked", key.text, { revokedAt: "2026-01-01T00:00:00Z" }],
  ["has expired", key.text, { expiresAt: "2026-01-01T00:00:00Z" }],
  ["belongs to a record with another secret", key.text, { hash: hashApiKey(createApiKey("live"), PEPPER) }],
])("refuses a key that %s", async (_why, text, changes) => {
  answer = { status: 200, body: { ...record, ...changes } };
  expect(await checker().check(text)).toBeUndefined();
});

test("the demo key is refused where demo keys are not allowed", async () => {
  answer = { status: 200, body: { ...record, demo: true } };
  expect(await checker(true).check(key.text)).toBeDefined();
  expect(await checker(false).check(key.text)).toBeUndefined();
});

test("when the owner of the keys fails or talks nonsense nobody is let in, and the caller can tell it from a wrong key", async () => {
  for (const broken of [
    { status: 500, body: {} },
    { status: 200, body: { keyId: 7 } },
  ]) {
    answer = broken;
    await expect(checker().check(key.text)).rejects.toThrow();
  }
});

test("a test key runs nothing, least of all on live data", async () => {
  const testKey = createApiKey("test");
  answer = { status: 200, body: { ...record, keyId: testKey.id, mode: "test", hash: hashApiKey(testKey, PEPPER) } };
  expect(await checker().check(testKey.text)).toBeUndefined();
});
