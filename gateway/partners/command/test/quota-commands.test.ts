import { createTestPartners, type TestPartners } from "../../../test/harness/test-partners";
import { createKeyStore } from "../../store/create-key-store";
import { runPartners } from "../run-partners";

let partners: TestPartners;
let keyId: string;

beforeAll(async () => {
  partners = await createTestPartners(["acme", "globex"]);
  keyId = (await partners.addKey("acme")).slice("trib_live_".length).slice(0, 12);
});
afterAll(() => partners.close());

const run = (line: string) =>
  runPartners({ argv: line.split(" "), env: partners.env, input: () => Promise.resolve("") });
const quotasOfKey = async () => (await createKeyStore(partners.source).find(keyId))?.quotas;

it("a quota of a partner and of a key is set, shown, seen by gateways, and taken back", async () => {
  expect(await run("quotas show --partner acme")).toBe("acme has the quotas of the settings.");
  expect(await run("quotas set --partner acme --units 500000 --seconds 3600")).toBe(
    "acme may use 500000 cost units in 3600 s.",
  );
  expect(await run(`quotas set --partner acme --key ${keyId} --units 10 --seconds 1`)).toContain(keyId);
  expect(await quotasOfKey()).toEqual({ partner: { units: 500_000, windowS: 3_600 }, key: { units: 10, windowS: 1 } });
  expect(await run("quotas show --partner acme")).toBe(
    ["OF                UNITS   IN", "partner           500000  3600 s", `key ${keyId}  10      1 s`].join("\n"),
  );
  expect(JSON.parse(await run("quotas show --partner acme --json"))).toEqual({
    partner: { units: 500_000, windowS: 3_600 },
    keys: { [keyId]: { units: 10, windowS: 1 } },
  });
  await run("quotas set --partner acme --reset");
  await run(`quotas set --partner acme --key ${keyId} --reset`);
  expect(await quotasOfKey()).toBeUndefined();
});

it.each([
  ["quotas show --partner nobody", "There is no partner nobody."],
  ["quotas set --partner nobody --units 1 --seconds 1", "There is no partner nobody."],
  ["quotas set --partner acme --units 0 --seconds 1", "--units must be a whole number from 1 to 1000000000000."],
  ["quotas set --partner acme --units 1e9 --seconds 1", "--units must be a whole number from 1 to 1000000000000."],
  ["quotas set --partner acme --units 1 --seconds 31622401", "--seconds must be a whole number from 1 to 31622400."],
  ["quotas set --partner acme", "Give --units and --seconds, or --reset for the quota of the settings."],
  ["quotas set --partner acme --units 5", "Give --units and --seconds, or --reset for the quota of the settings."],
  [
    "quotas set --partner acme --reset --units 5",
    "Give --units and --seconds, or --reset for the quota of the settings.",
  ],
])("%s is refused", async (line, problem) => {
  await expect(run(line)).rejects.toMatchObject({ problems: [problem] });
});

it("a key of another partner is not changed", async () => {
  await expect(run(`quotas set --partner globex --key ${keyId} --units 1 --seconds 1`)).rejects.toMatchObject({
    problems: [`globex has no key ${keyId}.`],
  });
});
