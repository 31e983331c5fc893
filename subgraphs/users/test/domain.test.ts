import { checkRegistration } from "../domain/check-registration";
import { COMMON_PASSWORDS } from "../domain/common-passwords";
import { isEmail, normaliseEmail } from "../domain/email";
import { FREE_FAILURES, lockMsAfter } from "../domain/login-back-off";
import { createPasswordHasher } from "../domain/password-hasher";
import { scopesOf } from "../domain/role";
import type { User } from "../domain/user";
import { mayFindByEmail, requirePersonal, requireReadUsers } from "../domain/visibility";
import { viewerOf } from "./start-users";

const good = { email: "ada@example.com", password: "correct horse battery", name: "Ada Lovelace" };

describe("what someone registers with", () => {
  it("is stored with a normalised address and a trimmed name, and the password as it is", () => {
    expect(checkRegistration({ email: "  Ada@Example.COM ", name: "  Ada Lovelace ", password: " a b c d " })).toEqual({
      email: "ada@example.com",
      name: "Ada Lovelace",
      password: " a b c d ",
    });
  });

  it.each([
    ["names in any script", { name: "Łukasz 王小明 مريم" }],
    ["a name of 100 characters outside the basic plane", { name: "😀".repeat(100) }],
    ["a password of exactly 8 characters", { password: "xK9$mQ2!" }],
    ["a password of exactly 128 characters", { password: "aB3$".repeat(32) }],
    ["a password of 8 characters that are 16 UTF-16 units", { password: "🔑🌊🪵🍞🎻🧭🪁🫖" }],
    ["an address with a plus sign", { email: "ada+shop@example.co.uk" }],
  ])("may have %s", (_, change) => {
    expect(checkRegistration({ ...good, ...change })).not.toHaveProperty("kind");
  });

  it.each([
    ["an empty address", "email", { email: "" }],
    ["an address without @", "email", { email: "ada.example.com" }],
    ["an address without a dot in its domain", "email", { email: "ada@localhost" }],
    ["an address with a blank inside", "email", { email: "ada lovelace@example.com" }],
    ["an address with a line break and a header", "email", { email: "ada@example.com\nbcc: all@example.com" }],
    ["an address of 10 kB", "email", { email: `${"a".repeat(10_000)}@example.com` }],
    ["an address whose part before @ has 65 characters", "email", { email: `${"a".repeat(65)}@example.com` }],
    ["an empty name", "name", { name: "   " }],
    ["a name of 101 characters", "name", { name: "x".repeat(101) }],
    ["a name with a null character", "name", { name: "Ada\u0000" }],
    ["a name with half a surrogate pair", "name", { name: "Ada\ud83d" }],
    ["a password of 7 characters", "password", { password: "xK9$mQ2" }],
    ["a password of 129 characters", "password", { password: `${"aB3$".repeat(32)}x` }],
    ["a password that everyone uses", "password", { password: "Password123" }],
    ["the address as password", "password", { password: "ADA@example.com" }],
  ])("must not have %s", (_, field, change) => {
    expect(checkRegistration({ ...good, ...change })).toMatchObject({ kind: "invalid-input", field });
  });

  it("is refused for some hundreds of common passwords, all long enough to matter and in small letters", () => {
    expect(COMMON_PASSWORDS.size).toBeGreaterThan(500);
    for (const password of COMMON_PASSWORDS) {
      expect(password.length).toBeGreaterThanOrEqual(8);
      expect(password).toBe(password.toLowerCase());
    }
  });
});

describe("e-mail addresses", () => {
  it("are the same in any letters and with blanks around", () => {
    expect(normaliseEmail(" A.B@C.De\t")).toBe("a.b@c.de");
  });

  it("of hostile form are judged in no time", () => {
    const started = process.hrtime.bigint();
    expect(isEmail(`${"a".repeat(30)}@${"a-".repeat(50_000)}`)).toBe(false);
    expect(isEmail(`a@${"a.".repeat(120)}`)).toBe(false);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(100);
  });
});

describe("passwords", () => {
  it("are hashed by argon2id with a salt each and OWASP's parameters", async () => {
    const { hash } = await createPasswordHasher();
    const [first, second] = await Promise.all([hash("correct horse"), hash("correct horse")]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
  });

  it("match however the keyboard composed their letters, and never without a hash", async () => {
    const { hash, matches } = await createPasswordHasher();
    const stored = await hash("cafe\u0301 au lait");
    await expect(matches("caf\u00e9 au lait", stored)).resolves.toBe(true);
    await expect(matches("cafe au lait", stored)).resolves.toBe(false);
    await expect(matches("nobody has this password", undefined)).resolves.toBe(false);
  });
});

describe("roles", () => {
  it("bring their scopes, each once", () => {
    expect(scopesOf(["CUSTOMER"])).toEqual(["orders:own"]);
    expect(scopesOf(["CUSTOMER", "STAFF"])).toEqual([
      "orders:own",
      "orders:read",
      "orders:write",
      "products:write",
      "users:read",
    ]);
    expect(scopesOf(["ADMIN"])).toEqual([...scopesOf(["STAFF"]), "users:write"]);
    expect(scopesOf([])).toEqual([]);
  });
});

describe("the back-off of failed log-ins", () => {
  it("lets the first failures pass, then doubles up to a quarter of an hour", () => {
    expect(lockMsAfter(FREE_FAILURES - 1)).toBe(0);
    expect(lockMsAfter(FREE_FAILURES)).toBe(10_000);
    expect(lockMsAfter(FREE_FAILURES + 1)).toBe(20_000);
    expect(lockMsAfter(FREE_FAILURES + 50)).toBe(15 * 60_000);
    expect(lockMsAfter(FREE_FAILURES + 5_000)).toBe(15 * 60_000);
  });
});

describe("who sees what of a user", () => {
  const user: User = { id: "u1", email: "a@b.cd", name: "A", roles: [], createdAt: new Date(), demo: false };
  const partner = { kind: "partner", subject: "u1", roles: [], scopes: [] } as const;
  const service = { kind: "service", subject: "orders", roles: [], scopes: [] } as const;

  it("gives what is personal to the user and to who may read users only", () => {
    expect(() => requirePersonal(viewerOf("u1"), user)).not.toThrow();
    expect(() => requirePersonal(viewerOf("u2", ["STAFF"]), user)).not.toThrow();
    expect(() => requirePersonal(viewerOf("u2"), user)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(() => requirePersonal(undefined, user)).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
    // A partner whose id is by chance that of a user is not that user.
    expect(() => requirePersonal(partner, user)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it("lets who may read users look them up, and services find them by address", () => {
    expect(() => requireReadUsers(viewerOf("u2"))).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(() => requireReadUsers(viewerOf("u2", ["ADMIN"]))).not.toThrow();
    expect([viewerOf("u1"), viewerOf("u2", ["STAFF"]), service].every((viewer) => mayFindByEmail(viewer, user))).toBe(
      true,
    );
    expect([viewerOf("u2"), partner, undefined].some((viewer) => mayFindByEmail(viewer, user))).toBe(false);
  });
});
