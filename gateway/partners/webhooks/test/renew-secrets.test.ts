import { recordingLog } from "../../../test/harness/recording-log";
import { renewSecrets } from "../renew-secrets";
import { createSecretSealer, createWebhookSecret } from "../webhook-secret";
import { openWebhookDatabase, sealer as before, type WebhookDatabase } from "./webhook-database";

const KEY_BEFORE = "a key of the gateway's";
const KEY_NOW = "the key that takes its place";

describe("a gateway whose pepper was replaced", () => {
  let db: WebhookDatabase;
  beforeAll(async () => {
    db = await openWebhookDatabase();
  });
  afterAll(() => db.close());
  beforeEach(() => db.source.query("delete from webhook_endpoints"));

  const renew = async () => {
    const { log, lines } = recordingLog();
    await renewSecrets({ endpoints: db.endpoints, sealer: createSecretSealer(KEY_NOW, KEY_BEFORE), log });
    return lines;
  };
  const opened = async (id: string) =>
    (await db.endpoints.secrets(id, new Date(1_800_000_000_000))).map(({ sealed }) =>
      createSecretSealer(KEY_NOW).open(sealed, id),
    );

  test("seals every secret anew, of overlaps too, so that the former pepper can go; a second time it does nothing", async () => {
    const made = await Promise.all(Array.from({ length: 3 }, () => db.endpoint("https://hooks.example/")));
    const [first] = made as [(typeof made)[0]];
    const next = createWebhookSecret("v1a");
    const times = { at: new Date(1_800_000_000_000), expiresAt: new Date(1_900_000_000_000) };
    await db.endpoints.rotate(first.id, before.seal(next, first.id), times);
    // Two gateways start at the same time.
    const lines = (await Promise.all([renew(), renew()])).flat();
    expect(lines.reduce((sum, line) => sum + Number(line["secrets"] ?? 0), 0)).toBe(4);
    expect((await opened(first.id)).sort()).toEqual([first.secret, next].sort());
    for (const { id, secret } of made.slice(1)) expect(await opened(id)).toEqual([secret]);
    expect(await renew()).toEqual([]);
  });

  test("names the endpoints whose secrets neither pepper opens, and goes on with the others", async () => {
    const lost = await db.endpoint("https://hooks.example/");
    const other = await db.endpoint("https://hooks.example/");
    const sealed = createSecretSealer("a pepper of long ago").seal(lost.secret, lost.id);
    await db.source.query("update webhook_secrets set sealed = $2 where endpoint_id = $1", [lost.id, sealed]);
    expect(await renew()).toMatchObject([
      { level: 30, secrets: 1 },
      { level: 50, endpoints: [lost.id] },
    ]);
    expect(await opened(other.id)).toEqual([other.secret]);
  });
});
