import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { FREE_FAILURES } from "../domain/login-back-off";
import { pruneStaleRows } from "../store/prune-stale-rows";
import {
  GOOD_PASSWORD,
  LOG_IN,
  only,
  REFRESH,
  REGISTER,
  registerSomeone,
  startUsers,
  type TestUsers,
  uniqueEmail,
  viewerOf,
} from "./start-users";

let users: TestUsers;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const pass = (ms: number) => {
  users.clock.now = new Date(users.clock.now.getTime() + ms);
};
const logIn = async (email: string, password: string) => only(await users.ask(LOG_IN, { input: { email, password } }));
const refresh = async (token: string) => only(await users.ask(REFRESH, { token }));
const LOG_OUT = "mutation ($input: LogOutInput) { logOut(input: $input) { endedSessions } }";

async function readToken(accessToken: string) {
  const response = await fetch(`http://127.0.0.1:${users.port}/.well-known/jwks.json`);
  const jwks = createLocalJWKSet((await response.json()) as JSONWebKeySet);
  return jwtVerify(accessToken, jwks, {
    issuer: "tributary",
    audience: "tributary",
    algorithms: ["EdDSA"],
    currentDate: users.clock.now,
  });
}

describe("registering", () => {
  it("opens a customer's account and signs in with tokens that the JWKS verifies", async () => {
    const answer = await registerSomeone(users);
    expect(answer).toMatchObject({ __typename: "AuthPayload", user: { name: "Some One" } });
    const { payload, protectedHeader } = await readToken(answer.accessToken);
    expect(payload).toMatchObject({ sub: answer.user.id, roles: ["CUSTOMER"], scope: "orders:own" });
    expect(payload["sid"]).toEqual(expect.any(String));
    expect(payload.exp! - payload.iat!).toBe(15 * 60);
    expect(new Date(answer.expiresAt).getTime()).toBe(payload.exp! * 1000);
    expect(protectedHeader.kid).toEqual(expect.any(String));
  });

  it("stores no password and no token in readable form", async () => {
    const { refreshToken, email } = await registerSomeone(users);
    const stored: unknown[] = [
      await users.source.query("select * from users where email = $1", [email]),
      await users.source.query("select encode(hash, 'escape') from refresh_tokens"),
    ];
    expect(JSON.stringify(stored)).toContain("$argon2id$");
    expect(JSON.stringify(stored)).not.toContain(GOOD_PASSWORD);
    expect(JSON.stringify(stored)).not.toContain(refreshToken);
  });

  it("refuses an address that has an account, in whatever letters it is written", async () => {
    const { email } = await registerSomeone(users);
    const input = { email: `  ${email.toUpperCase()} `, password: GOOD_PASSWORD, name: "Other" };
    expect(only(await users.ask(REGISTER, { input }))).toMatchObject({
      __typename: "EmailTakenError",
      code: "EMAIL_TAKEN",
      path: ["input", "email"],
    });
  });

  it("gives one of several simultaneous registrations of an address the account, and writes one event", async () => {
    const input = { email: uniqueEmail(), password: GOOD_PASSWORD, name: "Racer" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => users.ask(REGISTER, { input })));
    const types = answers.map((answer) => only(answer).__typename).sort();
    expect(types).toEqual(["AuthPayload", ...Array<string>(4).fill("EmailTakenError")]);
    const [row] = await users.source.query<{ count: string }[]>(
      "select count(*) from outbox o join users u on o.subject = u.id::text where u.email = $1",
      [input.email],
    );
    expect(row?.count).toBe("1");
  });

  it.each([
    ["a short password", { password: "short" }, "password"],
    ["a common password", { password: "qwerty123" }, "password"],
    ["a broken address", { email: "no address" }, "email"],
    ["an address of 10 kB", { email: `${"a".repeat(10_240)}@example.com` }, "email"],
    ["SQL for an address", { email: "x'; drop table users; --@example.com" }, "email"],
    ["an endless name", { name: "n".repeat(5_000) }, "name"],
    ["a name with a null character", { name: "a\u0000b" }, "name"],
  ])("refuses %s and says where it is", async (_, change, field) => {
    const input = { email: uniqueEmail(), password: GOOD_PASSWORD, name: "Some One", ...change };
    expect(only(await users.ask(REGISTER, { input }))).toMatchObject({
      __typename: "InvalidInputError",
      code: "INVALID_INPUT",
      path: ["input", field],
    });
  });

  it("keeps names as people write them", async () => {
    const name = "Zoë 王 'Robert\"); DROP TABLE users;-- 🐟";
    const input = { email: uniqueEmail(), password: GOOD_PASSWORD, name };
    expect(only(await users.ask(REGISTER, { input })).user.name).toBe(name);
  });

  it("answers a missing field as GraphQL does", async () => {
    const answer = await users.ask(REGISTER, { input: { email: uniqueEmail(), password: GOOD_PASSWORD } });
    expect(answer.errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    expect(answer.data ?? null).toBeNull();
  });
});

describe("logging in", () => {
  it("opens another session, whatever the letters of the address", async () => {
    const { email, user, refreshToken } = await registerSomeone(users);
    const answer = await logIn(` ${email.toUpperCase()}`, GOOD_PASSWORD);
    expect(answer).toMatchObject({ __typename: "AuthPayload", user: { id: user.id } });
    expect(answer.refreshToken).not.toBe(refreshToken);
  });

  it("answers a wrong password and an unknown address alike", async () => {
    const { email } = await registerSomeone(users);
    const [wrong, unknown] = await Promise.all([logIn(email, "wrong password"), logIn(uniqueEmail(), GOOD_PASSWORD)]);
    expect(wrong).toMatchObject({ __typename: "InvalidCredentialsError", code: "INVALID_CREDENTIALS", path: null });
    expect(unknown).toEqual(wrong);
  });

  it.each([
    ["SQL", "' or 1=1 --", "' or 1=1 --"],
    ["a null character", "a\u0000@example.com", "\u0000\u0000\u0000"],
    ["ten kilobytes", "a".repeat(10_240), "p".repeat(10_240)],
    ["nothing", "", ""],
  ])("takes %s for wrong credentials", async (_, email, password) => {
    expect((await logIn(email, password)).__typename).toBe("InvalidCredentialsError");
  });

  it("is locked after repeated failures, also with the right password, and opens again with time", async () => {
    const { email } = await registerSomeone(users);
    for (let i = 0; i < FREE_FAILURES; i++) {
      expect((await logIn(email, `wrong ${i}`)).__typename).toBe("InvalidCredentialsError");
    }
    expect(await logIn(email, GOOD_PASSWORD)).toMatchObject({
      __typename: "TooManyAttemptsError",
      code: "TOO_MANY_ATTEMPTS",
      retryAfterSeconds: 10,
    });
    pass(9_500);
    expect(await logIn(email, GOOD_PASSWORD)).toMatchObject({ retryAfterSeconds: 1 });
    pass(500);
    expect((await logIn(email, "wrong again")).__typename).toBe("InvalidCredentialsError");
    expect(await logIn(email, GOOD_PASSWORD)).toMatchObject({ retryAfterSeconds: 20 });
    pass(20_000);
    expect((await logIn(email, GOOD_PASSWORD)).__typename).toBe("AuthPayload");
    expect((await logIn(email, "wrong")).__typename).toBe("InvalidCredentialsError");
  });

  it("locks an address without an account in the same way, so that the lock tells nothing", async () => {
    const email = uniqueEmail();
    for (let i = 0; i < FREE_FAILURES; i++) await logIn(email, GOOD_PASSWORD);
    expect((await logIn(email, GOOD_PASSWORD)).__typename).toBe("TooManyAttemptsError");
  });

  it("hears no more guesses that are sent together than one after another", async () => {
    const email = uniqueEmail();
    const answers = await Promise.all(Array.from({ length: FREE_FAILURES + 5 }, () => logIn(email, "guess")));
    const heard = answers.filter(({ __typename }) => __typename === "InvalidCredentialsError");
    expect(heard).toHaveLength(FREE_FAILURES);
  });
});

describe("refreshing", () => {
  it("gives new tokens for the same session", async () => {
    const first = await registerSomeone(users);
    pass(MINUTE_MS);
    const second = await refresh(first.refreshToken);
    expect(second).toMatchObject({ __typename: "AuthPayload", user: { id: first.user.id } });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const [before, after] = [await readToken(first.accessToken), await readToken(second.accessToken)];
    expect(after.payload["sid"]).toBe(before.payload["sid"]);
  });

  it("carries the roles that the user has now", async () => {
    const { user, refreshToken } = await registerSomeone(users);
    await users.source.query("update users set roles = array['CUSTOMER', 'STAFF'] where id = $1", [user.id]);
    const { payload } = await readToken((await refresh(refreshToken)).accessToken);
    expect(payload["roles"]).toEqual(["CUSTOMER", "STAFF"]);
    expect(payload["scope"]).toContain("users:read");
  });

  it("ends the session when a token is used a second time: its successor works no more, other sessions do", async () => {
    const { email, refreshToken } = await registerSomeone(users);
    const other = await logIn(email, GOOD_PASSWORD);
    const successor = await refresh(refreshToken);
    const refused = {
      __typename: "InvalidRefreshTokenError",
      code: "INVALID_REFRESH_TOKEN",
      path: ["input", "refreshToken"],
    };
    expect(await refresh(refreshToken)).toEqual(refused);
    expect(await refresh(successor.refreshToken)).toEqual(refused);
    expect((await refresh(other.refreshToken)).__typename).toBe("AuthPayload");
  });

  it("lets one of several simultaneous uses win and takes the others for re-use, every time", async () => {
    for (let round = 0; round < 5; round++) {
      const { refreshToken } = await registerSomeone(users);
      const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(refreshToken)));
      const won = answers.filter(({ __typename }) => __typename === "AuthPayload");
      expect(won).toHaveLength(1);
      expect((await refresh(won[0]!.refreshToken)).__typename).toBe("InvalidRefreshTokenError");
    }
  });

  it.each([
    ["an invented token", "x".repeat(43)],
    ["an empty one", ""],
    ["a huge one with a null character", `\u0000${"y".repeat(10_240)}`],
  ])("refuses %s", async (_, token) => {
    expect((await refresh(token)).__typename).toBe("InvalidRefreshTokenError");
  });

  it("refuses a token after 30 days, and what cannot be used any more is deleted", async () => {
    const { refreshToken, user } = await registerSomeone(users);
    const living = await registerSomeone(users);
    pass(29 * DAY_MS);
    const continued = await refresh(living.refreshToken);
    pass(DAY_MS);
    expect((await refresh(refreshToken)).__typename).toBe("InvalidRefreshTokenError");
    await pruneStaleRows(users.source, users.clock.now);
    const left = await users.source.query<unknown[]>("select from sessions where user_id = $1", [user.id]);
    expect(left).toHaveLength(0);
    expect((await refresh(continued.refreshToken)).__typename).toBe("AuthPayload");
  });
});

/** What the outbox tells of a user's sessions. */
const revocationsOf = (userId: string) =>
  users.source.query<{ subject: string; data: unknown; request_id: string | null }[]>(
    "select subject, data, request_id from outbox where type = 'users.session.revoked.v1' and data->>'userId' = $1 order by seq",
    [userId],
  );
const sessionOf = async (accessToken: string) => (await readToken(accessToken)).payload["sid"] as string;

describe("an ended session is told to the platform", () => {
  it("once, with who caused it, when its viewer logs out", async () => {
    const { refreshToken, accessToken, user } = await registerSomeone(users);
    const sessionId = await sessionOf(accessToken);
    await users.ask(LOG_OUT, { input: { refreshToken } });
    await users.ask(LOG_OUT, { input: { refreshToken } });
    const data = { sessionId, userId: user.id, reason: "LOGGED_OUT" };
    expect(await revocationsOf(user.id)).toEqual([{ subject: sessionId, data, request_id: expect.any(String) }]);
  });

  it("each by an event of its own, when all are ended", async () => {
    const { email, user, accessToken } = await registerSomeone(users);
    const other = await logIn(email, GOOD_PASSWORD);
    await users.ask(LOG_OUT, { input: { everywhere: true } }, viewerOf(user.id));
    const told = (await revocationsOf(user.id)).map(({ subject }) => subject).sort();
    expect(told).toEqual([await sessionOf(accessToken), await sessionOf(other.accessToken)].sort());
  });

  it("when one of its refresh tokens is used twice, and not when it is used once", async () => {
    const { refreshToken, accessToken, user } = await registerSomeone(users);
    await refresh(refreshToken);
    expect(await revocationsOf(user.id)).toEqual([]);
    await refresh(refreshToken);
    await refresh(refreshToken);
    const data = { sessionId: await sessionOf(accessToken), userId: user.id, reason: "TOKEN_REUSED" };
    expect(await revocationsOf(user.id)).toMatchObject([{ data }]);
  });
});

describe("logging out", () => {
  const logOut = async (input: unknown, viewer?: ReturnType<typeof viewerOf>) => users.ask(LOG_OUT, { input }, viewer);
  const ended = async (answer: ReturnType<typeof logOut>) =>
    only<{ endedSessions: number }>(await answer).endedSessions;

  it("ends the session of the refresh token given, once, also without an access token", async () => {
    const { refreshToken } = await registerSomeone(users);
    expect(await ended(logOut({ refreshToken }))).toBe(1);
    expect(await ended(logOut({ refreshToken }))).toBe(0);
    expect((await refresh(refreshToken)).__typename).toBe("InvalidRefreshTokenError");
  });

  it("ends the viewer's own session when nothing is said, and no other", async () => {
    const { email, user, accessToken, refreshToken } = await registerSomeone(users);
    const other = await logIn(email, GOOD_PASSWORD);
    const sid = (await readToken(accessToken)).payload["sid"] as string;
    expect(await ended(logOut(undefined, viewerOf(user.id, ["CUSTOMER"], sid)))).toBe(1);
    expect((await refresh(refreshToken)).__typename).toBe("InvalidRefreshTokenError");
    expect((await refresh(other.refreshToken)).__typename).toBe("AuthPayload");
  });

  it("ends all sessions of the viewer when asked to, and nobody else's", async () => {
    const { email, user, refreshToken } = await registerSomeone(users);
    const other = await logIn(email, GOOD_PASSWORD);
    const stranger = await registerSomeone(users);
    expect(await ended(logOut({ everywhere: true }, viewerOf(user.id)))).toBe(2);
    for (const token of [refreshToken, other.refreshToken]) {
      expect((await refresh(token)).__typename).toBe("InvalidRefreshTokenError");
    }
    expect((await refresh(stranger.refreshToken)).__typename).toBe("AuthPayload");
  });

  it("cannot end a session of someone else by its id", async () => {
    const { accessToken, refreshToken } = await registerSomeone(users);
    const stranger = await registerSomeone(users);
    const sid = (await readToken(accessToken)).payload["sid"] as string;
    expect(await ended(logOut({}, viewerOf(stranger.user.id, ["CUSTOMER"], sid)))).toBe(0);
    expect((await refresh(refreshToken)).__typename).toBe("AuthPayload");
  });

  it("wants someone signed in when there is no refresh token", async () => {
    for (const input of [undefined, {}, { everywhere: true }]) {
      expect((await logOut(input)).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
    }
  });
});
