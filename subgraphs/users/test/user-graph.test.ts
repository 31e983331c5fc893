import { Client } from "pg";
import { newId } from "../../../kit/ids";
import type { Viewer } from "../../../kit/viewer";
import { only, registerSomeone, startUsers, type TestUsers, uniqueEmail, viewerOf } from "./start-users";

let users: TestUsers;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

const staff = viewerOf(newId(), ["STAFF"]);
const service: Viewer = { kind: "service", subject: "orders", roles: [], scopes: [] };
const partner: Viewer = { kind: "partner", subject: newId(), roles: [], scopes: ["orders:read"] };

const ENTITIES = /* GraphQL */ `
  query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on User {
        id
        name
      }
    }
  }
`;
const findEntities = async (keys: Record<string, unknown>[], viewer?: Viewer) => {
  const representations = keys.map((key) => ({ __typename: "User", ...key }));
  return only<({ id: string; name: string } | null)[]>(await users.ask(ENTITIES, { representations }, viewer));
};

describe("me", () => {
  const ME = "{ me { id email name roles createdAt } }";

  it("is whoever is signed in", async () => {
    const { user, email } = await registerSomeone(users);
    expect(only(await users.ask(ME, {}, viewerOf(user.id)))).toEqual({
      id: user.id,
      email,
      name: "Some One",
      roles: ["CUSTOMER"],
      createdAt: users.clock.now.toISOString(),
    });
  });

  it.each([
    ["an anonymous caller", undefined],
    ["a partner", partner],
    ["a service", service],
    ["a user who is no more", viewerOf(newId())],
    ["a subject that is no id", viewerOf("' or 1=1 --")],
  ])("is null for %s", async (_, viewer) => {
    expect(await users.ask(ME, {}, viewer)).toEqual({ status: 200, data: { me: null } });
  });
});

describe("user", () => {
  const USER = "query ($id: ID!) { user(id: $id) { id email roles } }";

  it("is found by those who may read users, with what is personal", async () => {
    const { user, email } = await registerSomeone(users);
    expect(only(await users.ask(USER, { id: user.id }, staff))).toEqual({ id: user.id, email, roles: ["CUSTOMER"] });
  });

  it("is refused to others, even for themselves, before anything is looked up", async () => {
    const { user } = await registerSomeone(users);
    for (const [viewer, code] of [
      [viewerOf(user.id), "FORBIDDEN"],
      [partner, "FORBIDDEN"],
      [undefined, "UNAUTHENTICATED"],
    ] as const) {
      const answer = await users.ask(USER, { id: user.id }, viewer);
      expect(answer.data).toEqual({ user: null });
      expect(answer.errors?.[0]?.extensions?.["code"]).toBe(code);
    }
  });

  it.each(["", "42", "' or 1=1 --", "x".repeat(10_240), "00000000-0000-0000-0000-000000000000", newId()])(
    "is null when nobody has the id (%#)",
    async (id) => {
      expect(await users.ask(USER, { id }, staff)).toEqual({ status: 200, data: { user: null } });
    },
  );
});

describe("a reference to a user", () => {
  it("is resolved by id for everyone, without what is personal", async () => {
    const { user } = await registerSomeone(users);
    expect(await findEntities([{ id: user.id }])).toEqual([{ id: user.id, name: "Some One" }]);

    const personal = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { name email roles } } }";
    const r = [{ __typename: "User", id: user.id }];
    for (const [viewer, code] of [
      [undefined, "UNAUTHENTICATED"],
      [viewerOf(newId()), "FORBIDDEN"],
    ] as const) {
      const answer = await users.ask(personal, { r }, viewer);
      expect(answer.data).toEqual({ _entities: [{ name: "Some One", email: null, roles: null }] });
      expect(answer.errors?.map(({ extensions }) => extensions?.["code"])).toEqual([code, code]);
    }
  });

  it("is resolved by e-mail address for the user, for who may read users and for services", async () => {
    const { user, email } = await registerSomeone(users);
    for (const viewer of [viewerOf(user.id), staff, service]) {
      expect(await findEntities([{ email: email.toUpperCase() }], viewer)).toEqual([{ id: user.id, name: "Some One" }]);
    }
  });

  it("by e-mail address leads nowhere for everyone else, as an unknown address does", async () => {
    const { email } = await registerSomeone(users);
    for (const viewer of [undefined, viewerOf(newId()), partner]) {
      expect(await findEntities([{ email }, { email: uniqueEmail() }], viewer)).toEqual([null, null]);
    }
  });

  it("that is malformed is null and spoils no other one", async () => {
    const { user } = await registerSomeone(users);
    const keys = [{ id: "' or 1=1 --" }, { id: user.id }, { id: 7 }, { email: null }, {}, { id: newId() }];
    expect((await findEntities(keys)).map((found) => found?.id ?? null)).toEqual([
      null,
      user.id,
      ...Array(4).fill(null),
    ]);
  });

  it("costs one query for all by id and one for all by address", async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => registerSomeone(users)));
    const queries = jest.spyOn(Client.prototype, "query");
    try {
      const byId = people.flatMap(({ user }) => [{ id: user.id }, { id: user.id }]);
      const byEmail = people.map(({ email }) => ({ email }));
      const found = await findEntities([...byId, ...byEmail], staff);
      expect(found.filter((user) => user !== null)).toHaveLength(30);
      expect(queries).toHaveBeenCalledTimes(2);
    } finally {
      queries.mockRestore();
    }
  });
});
