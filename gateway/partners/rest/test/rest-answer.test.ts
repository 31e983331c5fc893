import type { AnswerBody } from "../../calls/call";
import { restAnswer } from "../rest-answer";
import type { RestOperation } from "../rest-operation";

const operation = { root: { key: "thing" }, nullIsNotFound: true, isPaged: false } as RestOperation;
const whole = { ...operation, root: undefined } as RestOperation;

/** As it comes from running an operation. @param more behind the data */
function ran(thing: unknown, more = ""): AnswerBody {
  const data = JSON.stringify({ thing });
  const string = `{"data":${data}${more}}\n`;
  return { kind: "complete", string, bytes: Buffer.byteLength(string), result: { data, errors: [] } };
}

describe("a plain answer", () => {
  it.each([{ name: "plain" }, { name: "dünn, 薄い 🫥" }, "ä", [1, 2]])(
    "of %j is its only field, and its length is known",
    (thing) => {
      const text = JSON.stringify(thing);
      expect(restAnswer(operation, ran(thing))).toMatchObject({ text, bytes: Buffer.byteLength(text) });
    },
  );

  it("without an only field is all of the data", () => {
    const text = '{"thing":"ä"}';
    expect(restAnswer(whole, ran("ä"))).toMatchObject({ text, bytes: Buffer.byteLength(text) });
  });

  it("tells no length where there was more than data, or where the answer is a kept one that has to be read", () => {
    const { bytes: _, result: __, ...kept } = ran("ä") as AnswerBody & { kind: "complete" };
    for (const body of [ran("ä", ',"extensions":{"ü":1}'), kept]) {
      const answer = restAnswer(operation, body);
      expect(answer).toMatchObject({ text: '"ä"' });
      expect("bytes" in answer ? answer.bytes : undefined).toBeUndefined();
    }
  });

  it("that is null is a problem", () => {
    expect(restAnswer(operation, ran(null))).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });
});
