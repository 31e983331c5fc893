import { createApiKey, parseApiKey } from "../../../../kit/api-key";
import { ConfigError } from "../../../../kit/config";
import { recordingLog } from "../../../test/harness/recording-log";
import { createTestPartners, PEPPER, type TestPartners } from "../../../test/harness/test-partners";
import { createKeyChecker, type KeyChecker } from "../../keys/create-key-checker";
import { createKeyStore } from "../../store/create-key-store";
import { CommandError } from "../command-error";
import { runPartners } from "../run-partners";

const NOW = new Date("2026-06-01T12:00:00Z");
const DAY_MS = 86_400_000;
let partners: TestPartners;
let clock: Date;

beforeAll(async () => {
  partners = await createTestPartners(["acme"]);
});
beforeEach(() => (clock = NOW));
afterAll(() => partners.close());

const written: string[] = [];
const run = (line: string | readonly string[], { input = "", env = partners.env as Record<string, string> } = {}) =>
  runPartners({
    logTo: { write: (text) => void written.push(text) },
    argv: typeof line === "string" ? line.split(" ").filter(Boolean) : line,
    env,
    input: () => Promise.resolve(input),
    now: clock,
  });
const json = async <T = Record<string, unknown>>(line: string, input = "") =>
  JSON.parse(await run(`${line} --json`, { input })) as T;
const problemsOf = (...given: Parameters<typeof run>) =>
  run(...given).then(
    (text) => [`no problem: ${text}`],
    (error: unknown) => (error as { problems?: readonly string[] }).problems ?? [String(error)],
  );

interface Made {
  readonly key: string;
  readonly keyId: string;
  readonly expiresAt: string | null;
  readonly replaces?: { readonly keyId: string; readonly expiresAt: string };
}

/** As a gateway checks keys, on the clock of the test. */
const gatewayKeys = (): KeyChecker =>
  createKeyChecker({
    keys: createKeyStore(partners.source),
    pepper: PEPPER,
    allowDemo: true,
    log: recordingLog().log,
    now: () => clock.getTime(),
  });

describe("partners", () => {
  it("are made, listed and removed with their keys", async () => {
    const told = await run(["create", "--slug", "globex", "--name", "Globex Corporation"]);
    expect(told).toContain("keys create --partner globex");
    expect(await problemsOf(["create", "--slug=globex", "--name=Other"])).toEqual([
      "There is a partner globex already.",
    ]);
    const { key } = await json<Made>("keys create --partner globex");
    expect(await run("list")).toMatch(/^globex +Globex Corporation +1 +never/m);
    expect(await json<unknown[]>("list")).toMatchObject([{ slug: "acme" }, { slug: "globex", keys: 1, demo: false }]);

    expect(await problemsOf("remove --slug globex")).toEqual([expect.stringContaining("add --yes")]);
    expect(await gatewayKeys().check(key)).toMatchObject({ slug: "globex" });
    await run("remove --slug globex --yes");
    expect(await gatewayKeys().check(key)).toBeUndefined();
    expect(await problemsOf("remove --slug globex --yes")).toEqual(["There is no partner globex."]);
    expect(await problemsOf("keys list --partner globex")).toEqual(["There is no partner globex."]);
  });
});

describe("keys", () => {
  it("are made as they are asked for, shown once, and open the gateway", async () => {
    const printed = await run([
      ..."keys create --partner acme --mode test --scopes orders:read,products:read --expires 90d".split(" "),
      ..."--allow-ip 10.1.2.3/8,2001:db8::7 --operations GetOrder,GetProduct --label".split(" "),
      "the till in hall 3",
    ]);
    const key = parseApiKey(/^ {2}(trib_\w+)$/m.exec(printed)?.[1] ?? "")!;
    expect(await gatewayKeys().check(key.text, "10.9.9.9")).toMatchObject({
      slug: "acme",
      mode: "test",
      operations: new Set(["GetOrder", "GetProduct"]),
      identity: { subject: partners.ids["acme"], scopes: ["orders:read", "products:read"] },
    });
    const listed = await json<Record<string, unknown>[]>("keys list --partner acme");
    expect(listed.find(({ keyId }) => keyId === key.id)).toEqual({
      keyId: key.id,
      partner: "acme",
      label: "the till in hall 3",
      mode: "test",
      state: "valid",
      scopes: ["orders:read", "products:read"],
      operations: ["GetOrder", "GetProduct"],
      allowedIps: ["10.0.0.0/8", "2001:db8::7/128"],
      expiresAt: new Date(NOW.getTime() + 90 * DAY_MS).toISOString(),
      revokedAt: null,
      lastUsedAt: null,
      createdAt: NOW.toISOString(),
      demo: false,
    });
    const table = await run("keys list --partner acme");
    expect(table).toMatch(new RegExp(`^${key.id} +test +valid +the till in hall 3 .* 2026-08-30 `, "m"));
    expect(table).not.toContain(key.text.slice(-38));
  });

  it("are live, for all operations, from everywhere, without scopes and end, where nothing else is asked for", async () => {
    const { key, ...made } = await json<Made>("keys create --partner acme");
    expect(made).toMatchObject({ mode: "live", scopes: [], operations: null, allowedIps: null, expiresAt: null });
    expect(made).not.toHaveProperty("hash");
    expect(await gatewayKeys().check(key)).toMatchObject({ operations: undefined, identity: { scopes: [] } });
  });

  it("are rotated: the new one has the settings of the old one, which ends after the overlap", async () => {
    const old = await json<Made>("keys create --partner acme --scopes a,b --operations A --expires 10d --label till");
    clock = new Date(NOW.getTime() + DAY_MS);
    const next = await json<Made>(`keys rotate ${old.keyId} --overlap 2h`);
    expect(next).toMatchObject({
      partner: "acme",
      label: "till",
      scopes: ["a", "b"],
      operations: ["A"],
      expiresAt: new Date(clock.getTime() + 10 * DAY_MS).toISOString(),
      replaces: { keyId: old.keyId, expiresAt: "2026-06-02T14:00:00.000Z" },
    });
    const keys = gatewayKeys();
    const valid = async () => [await keys.check(old.key), await keys.check(next.key)].map((one) => one !== undefined);
    expect(await valid()).toEqual([true, true]);
    clock = new Date("2026-06-02T13:59:59.999Z");
    expect(await valid()).toEqual([true, true]);
    clock = new Date("2026-06-02T14:00:00.000Z");
    expect(await valid()).toEqual([false, true]);
    expect(await problemsOf(`keys rotate ${old.keyId}`)).toEqual([
      `The key ${old.keyId} is expired; make a new one with keys create.`,
    ]);
  });

  it("are never rotated into a longer life of the old one", async () => {
    const old = await json<Made>("keys create --partner acme --expires 30m");
    const { replaces } = await json<Made>(`keys rotate ${old.keyId} --overlap 24h --expires 90d`);
    expect(replaces?.expiresAt).toBe(old.expiresAt);
  });

  it("have one successor each, however often they are rotated at the same time, and none once revoked", async () => {
    const { keyId, key } = await json<Made>("keys create --partner acme");
    const many = await Promise.allSettled([1, 2, 3].map(() => json<Made>(`keys rotate ${keyId} --overlap 0m`)));
    expect(many.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await gatewayKeys().check(key)).toBeUndefined();

    const other = await json<Made>("keys create --partner acme");
    const revoked = await json(`keys revoke ${other.keyId}`);
    expect(revoked).toMatchObject({ keyId: other.keyId, state: "revoked", revokedAt: NOW.toISOString() });
    clock = new Date(NOW.getTime() + DAY_MS);
    expect(await json(`keys revoke ${other.keyId}`)).toEqual(revoked);
    expect(await gatewayKeys().check(other.key)).toBeUndefined();
    expect(await problemsOf(`keys rotate ${other.keyId}`)).toEqual([expect.stringContaining("is revoked")]);
    for (const verb of ["rotate", "revoke"]) {
      expect(await problemsOf(`keys ${verb} unknownKey01`)).toEqual(["There is no key unknownKey01."]);
    }
  });
});

describe("a key that was found somewhere", () => {
  const verdict = async (text: string, env?: Record<string, string>) => {
    const { verdict, ...known } = JSON.parse(
      await run("keys check --json", { input: `${text}\n`, ...(env ? { env } : {}) }),
    ) as { verdict: string } & Record<string, unknown>;
    return [verdict, known["partner"]];
  };

  it("is known by its checksum without a database", async () => {
    const key = createApiKey("live");
    expect(await verdict(key.text, {})).toEqual(["well-formed", undefined]);
    expect(await verdict(`${key.text.slice(0, -1)}~`, {})).toEqual(["no-key", undefined]);
    expect(await verdict("", {})).toEqual(["no-key", undefined]);
    const told = await run("keys check", { input: key.text, env: {} });
    expect(told).toContain(key.id);
    expect(told).not.toContain(key.text.slice(-38));
  });

  it("is told whose it is and whether it is valid", async () => {
    const { key, keyId } = await json<Made>("keys create --partner acme --expires 1d");
    expect(await verdict(key)).toEqual(["valid", "acme"]);
    expect(await run("keys check", { input: key })).toContain(`keys revoke ${keyId}`);
    clock = new Date(NOW.getTime() + DAY_MS);
    expect(await verdict(key)).toEqual(["expired", "acme"]);
    await run(`keys revoke ${keyId}`);
    expect(await verdict(key)).toEqual(["revoked", "acme"]);
    expect(await verdict(createApiKey("live").text)).toEqual(["unknown", undefined]);
    await partners.source.query("update api_keys set hash = repeat('0', 64) where id = $1", [keyId]);
    expect(await verdict(key)).toEqual(["wrong-secret", "acme"]);
  });
});

describe("a command line that cannot be used", () => {
  it("is told everything that is wrong with it at once", async () => {
    const line =
      "keys create --mode prod --expires 2020-01-01 --scopes a,,b --allow-ip 300.1.1.1 --operations 1 --frob x y";
    expect(await problemsOf(line)).toEqual([
      expect.stringContaining("takes no --frob"),
      expect.stringContaining("takes no more arguments"),
      "--partner is required.",
      "--mode must be live or test.",
      expect.stringContaining("--scopes must be"),
      expect.stringContaining("--operations must be"),
      expect.stringContaining("--allow-ip must be"),
      expect.stringContaining("--expires must be"),
    ]);
  });

  it.each([
    ["nothing", "", "npm run partners -- keys create"],
    ["an unknown command", "frob", '"frob" is not a command; there are list, create, remove, keys list'],
    ["half a command", "keys", '"keys" is not a command'],
    ["a flag without its value", "keys list --partner", "--partner needs a value: SLUG."],
    ["a flag before the next one", "keys create --partner --mode live", "--partner needs a value: SLUG."],
    ["a flag twice", "keys list --partner a --partner b", "--partner is given twice."],
    ["a name of a prototype", "keys list --constructor x --partner a", "takes no --constructor"],
    ["a slug with capitals", "create --slug Acme --name Acme", "--slug must have"],
    ["no id", "keys revoke", "<keyId> is required."],
    ["an overlap without a unit", "keys rotate abcdefghijkl --overlap 5", "--overlap must be a time such as"],
    ["a day that is none", "keys create --partner acme --expires 2030-02-31x", "--expires must be"],
    ["a time of ages", "keys create --partner acme --expires 999999d", "--expires must be"],
  ])("is refused: %s", async (_, line, problem) => {
    expect((await problemsOf(line)).join("\n")).toContain(problem);
  });

  it("never shows a key again that was typed where its id belongs", async () => {
    const { text } = createApiKey("live");
    for (const line of [`keys revoke ${text}`, text, `keys check ${text}`, `keys create --partner ${text}`]) {
      expect((await problemsOf(line)).join("\n")).not.toContain(text.slice(-38));
    }
  });

  it("tells all there is when asked for help", async () => {
    const help = await run("help");
    for (const name of ["list", "create", "remove", "keys list", "keys rotate <keyId>", "keys check"]) {
      expect(help).toContain(`npm run partners -- ${name}`);
    }
    expect(await run("keys create --help")).toBe(help);
  });
});

describe("settings that cannot be used", () => {
  it("are told all at once, and a password is not told", async () => {
    expect(await problemsOf("keys create --partner acme", { env: {} })).toEqual([
      expect.stringContaining("PARTNERS_DATABASE_URL is not set"),
      expect.stringContaining("PARTNER_KEY_PEPPER is not set"),
    ]);
    await expect(run("list", { env: {} })).rejects.toThrow(ConfigError);
    const env = { PARTNERS_DATABASE_URL: "mysql://me:hunter2@host", PARTNER_KEY_PEPPER: "short" };
    const problems = await problemsOf("list", { env });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain("hunter2");
  });

  it("a database that refuses or is away ends the command with one sentence", async () => {
    const url = new URL(partners.env.PARTNERS_DATABASE_URL);
    url.pathname = "/no_such_database";
    const wrong = { ...partners.env, PARTNERS_DATABASE_URL: url.href };
    expect(await problemsOf("list", { env: wrong })).toEqual([
      'The database of PARTNERS_DATABASE_URL cannot be used (database "no_such_database" does not exist).',
    ]);
    await partners.network.refuse();
    try {
      await expect(run("list")).rejects.toThrow(CommandError);
      await expect(run("list")).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
    } finally {
      await partners.network.heal();
    }
  });
});

it("no key is in any line of the log, at the level of debugging", async () => {
  const env = { ...partners.env, LOG_LEVEL: "debug" };
  try {
    const made = JSON.parse(await run("keys create --partner acme --json", { env })) as Made;
    const next = JSON.parse(await run(`keys rotate ${made.keyId} --json`, { env })) as Made;
    await run("keys check", { env, input: next.key });
    await partners.network.refuse();
    await run("keys check", { env, input: next.key }).catch(() => undefined);
    const log = written.join("");
    expect(log).toContain("the database does not answer, waiting");
    for (const { key } of [made, next]) expect(log).not.toContain(key.slice(-38));
  } finally {
    await partners.network.heal();
  }
});
