import { buildSchema, parse } from "graphql";
import type { Answer, Call } from "../../calls/call";
import { CallRefused } from "../../calls/call-refused";
import { createCallCounter } from "../create-call-counter";
import { type CallRecord, type Client, createUsageBook } from "../usage-entry";

const schema = buildSchema(`
  type Query { book(id: ID, old: ID @deprecated(reason: "x"), by: By): Book books: [Book] @deprecated(reason: "x") }
  type Book { title: String name: String @deprecated(reason: "x") }
  input By { isbn: ID ean: ID @deprecated(reason: "x") }
`);
const AT_MS = Date.parse("2026-11-21T23:59:59.999Z");

const complete = (string: string, more: Partial<Answer> = {}): Answer => ({
  status: 200,
  headers: new Map(),
  body: { kind: "complete", string },
  ...more,
});

function record(options: { text?: string; answer?: Answer | Error; headers?: Readonly<Record<string, string>> }): {
  records: CallRecord[];
  outcome: Answer | undefined;
} {
  const { text = "query Book { book { title } }", answer = complete('{"data":null}'), headers = {} } = options;
  const records: CallRecord[] = [];
  const counter = createCallCounter({ record: (call) => records.push(call), schema: () => schema, now: () => AT_MS });
  const call = {
    partner: { id: "p1", keyId: "key1" },
    operation: { name: "Book", document: parse(text) },
    door: "rest",
    header: (name: string) => headers[name],
  } as unknown as Call;
  const beganAtMs = performance.now();
  if (!(answer instanceof Error)) return { records, outcome: counter.answered(call, beganAtMs, answer) };
  counter.failed(call, beganAtMs, answer);
  return { records, outcome: undefined };
}

describe("the figures of a call", () => {
  it("are who called what, how long it took, what it cost and how much was answered", () => {
    const answer = complete('{"data":{"book":{"title":"é"}}}', { cost: 3 });
    const { records, outcome } = record({ answer });
    expect(outcome).toBe(answer);
    expect(records).toEqual([
      {
        partnerId: "p1",
        keyId: "key1",
        operation: "Book",
        door: "rest",
        endedAtMs: AT_MS,
        durationMs: expect.any(Number) as number,
        errorCodes: [],
        cost: 3,
        answerBytes: 32,
        deprecatedFields: [],
        client: expect.any(Function) as () => Client,
      },
    ]);
  });

  it("hold each code of the errors once, from the answer's text or from what was kept of it", () => {
    const errors = [
      { message: "a", extensions: { code: "NOT_FOUND" } },
      { message: "b", extensions: { code: "NOT_FOUND" } },
      { message: "c" },
    ];
    const string = JSON.stringify({ errors, data: null });
    const codes = ["NOT_FOUND", "INTERNAL_SERVER_ERROR"];
    expect(record({ answer: complete(string) }).records[0]?.errorCodes).toEqual(codes);
    const body = { kind: "complete", string, result: { data: "null", errors } } as const;
    expect(record({ answer: complete("", { body }) }).records[0]?.errorCodes).toEqual(codes);
  });

  it.each([
    ["the code of a refusal", new CallRefused(429, "QUOTA_EXCEEDED", "Wait."), "QUOTA_EXCEEDED"],
    ["that it was unexpected", new Error("lost"), "INTERNAL_SERVER_ERROR"],
  ])("hold %s", (_what, error, code) => {
    const { records } = record({ answer: error });
    expect(records).toMatchObject([{ errorCodes: [code], cost: 0, answerBytes: 0 }]);
  });

  it("name deprecated fields, arguments and input fields that the operation uses", () => {
    const text =
      "query Book { books { name } book(old: 1, by: { ean: 1 }) { ...B } } fragment B on Book { name title }";
    expect(record({ text }).records[0]?.deprecatedFields).toEqual([
      "Book.name",
      "By.ean",
      "Query.book(old:)",
      "Query.books",
    ]);
  });

  it.each<[Record<string, string>, object]>([
    [
      { "apollographql-client-name": "shop", "apollographql-client-version": "1.2" },
      { name: "shop", version: "1.2" },
    ],
    [
      { "graphql-client-name": " app ", "graphql-client-version": "3", "user-agent": "curl/8" },
      { name: "app", version: "3", userAgent: "curl/8" },
    ],
    [
      { "apollographql-client-name": "\u0000\u001b[31m", "user-agent": "a".repeat(500) },
      { name: "[31m", userAgent: "a".repeat(120) },
    ],
    [{ "apollographql-client-name": " \t", "user-agent": "" }, {}],
  ])("know the client by its headers: %j", (headers, client) => {
    expect(record({ headers }).records[0]?.client()).toEqual(client);
  });

  it("of an answer in parts are counted when it has ended, also when the caller leaves", async () => {
    const parts = async function* () {
      yield "12345";
      yield "678";
    };
    const body = () => ({ kind: "chunked", asyncIterator: parts() }) as const;
    const whole = record({ answer: complete("", { body: body() }) });
    const read = (whole.outcome as Answer).body as ReturnType<typeof body>;
    expect(whole.records).toEqual([]);
    for await (const _part of read.asyncIterator);
    expect(whole.records).toMatchObject([{ answerBytes: 8, errorCodes: [] }]);

    const left = record({ answer: complete("", { body: body() }) });
    for await (const _part of ((left.outcome as Answer).body as ReturnType<typeof body>).asyncIterator) break;
    expect(left.records).toMatchObject([{ answerBytes: 5, errorCodes: [] }]);
  });
});

describe("calls of one key, operation and day", () => {
  const call: CallRecord = {
    partnerId: "p1",
    keyId: "key1",
    operation: "Book",
    door: "rest",
    endedAtMs: AT_MS,
    durationMs: 10,
    errorCodes: [],
    cost: 2,
    answerBytes: 100,
    deprecatedFields: ["Book.name"],
    client: () => ({ name: "old" }),
  };

  it("are added up, and the day is that of UTC", () => {
    const book = createUsageBook();
    book.record(call);
    book.record({ ...call, door: "mcp", errorCodes: ["A", "B"], cost: 0.5, client: () => ({ name: "new" }) });
    book.record({ ...call, endedAtMs: AT_MS + 1 });
    book.record({ ...call, keyId: "key2" });
    expect([book.size, book.calls]).toEqual([3, 4]);
    expect(book.entries()[0]).toMatchObject({
      day: "2026-11-21",
      calls: 2,
      failedCalls: 1,
      errors: new Map([
        ["A", 1],
        ["B", 1],
      ]),
      cost: 3,
      answerBytes: 200,
      deprecatedFields: new Map([["Book.name", 2]]),
      doors: new Map([
        ["rest", 1],
        ["mcp", 1],
      ]),
      client: { name: "new" },
    });
    expect(book.entries()[1]?.day).toBe("2026-11-22");
  });

  it("hold so many codes of services at most, and none that is no code", () => {
    const book = createUsageBook();
    for (let i = 0; i < 1_000; i++) book.record({ ...call, errorCodes: [`CODE_${i}`] });
    book.record({ ...call, errorCodes: ["=cmd()", "\u0000"] });
    const errors = book.entries()[0]?.errors ?? new Map<string, number>();
    expect(errors.size).toBe(51);
    expect(errors.get("OTHER")).toBe(952);
  });

  it("cost no more than can be added up", () => {
    const book = createUsageBook();
    for (const cost of [Number.MAX_VALUE, -5]) book.record({ ...call, cost });
    expect(book.entries()[0]?.cost).toBe(1e9);
  });
});
