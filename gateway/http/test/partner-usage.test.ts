import { type HttpListener, listen } from "../../../kit/http/listen";
import type { UsageEntry, UsageFigures } from "../../partners/usage/usage-entry";
import type { UsageQuery } from "../../partners/usage/usage-store";
import { recordingLog } from "../../test/harness/recording-log";
import { AnswerHead } from "../answer-head";
import type { PartnerCall } from "../partner-call";
import { createPartnerUsage } from "../partner-usage";

const figures: UsageFigures = {
  calls: 1,
  failedCalls: 0,
  errors: new Map(),
  latency: new Map([[0, 1]]),
  cost: 1,
  answerBytes: 10,
  deprecatedFields: new Map(),
  doors: new Map(),
  client: {},
  lastCallAt: new Date(0),
};
const entry = (i: number): UsageEntry => ({
  ...figures,
  partnerId: "p1",
  keyId: `key${i}`,
  operation: "Book",
  day: "2026-11-21",
});

describe("usage figures when their store", () => {
  let read: (query: UsageQuery) => Promise<readonly UsageEntry[]>;
  let listener: HttpListener;
  const { log, lines } = recordingLog();

  beforeAll(async () => {
    const answer = createPartnerUsage({ usage: { read: (query) => read(query) }, log });
    listener = await listen(
      (req, res) => {
        const [head, context] = [new AnswerHead(res), { requestId: "r1" }];
        void answer({ req, res, head, partner: { id: "p1" }, context } as PartnerCall);
      },
      { port: 0, host: "127.0.0.1", drainMs: 0 },
    );
  });
  afterAll(() => listener.close());
  const get = async () => {
    const response = await fetch(`http://127.0.0.1:${listener.port}/partner/v1/usage`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("is away are a 503 that tells nothing of it, and the log tells why", async () => {
    read = () => Promise.reject(new Error("connect ECONNREFUSED db.internal:5432"));
    const { status, body } = await get();
    expect([status, body["code"]]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    expect(JSON.stringify(body)).not.toContain("internal:");
    expect(lines.at(-1)?.msg).toBe("usage figures could not be read");
  });

  it("holds too many for one answer are refused, and as many as are let through are added up", async () => {
    let count = 10_001;
    read = ({ maxEntries }) => Promise.resolve(Array.from({ length: Math.min(count, maxEntries) }, (_, i) => entry(i)));
    expect((await get()).status).toBe(400);
    count = 10_000;
    const { status, body } = await get();
    expect(status).toBe(200);
    expect(body["total"]).toMatchObject({ calls: 10_000, latencyMs: { p50: 0.981 } });
  });
});
