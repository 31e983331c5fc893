import { addLink, type Call, keeping } from "../call";

const call = { requestId: "r" } as Call;

describe("what is found out of a call", () => {
  let asked = 0;
  const nameOf = keeping(({ requestId }) => ({ text: `${requestId} ${++asked}` }));
  const other = keeping(() => ({ text: "other" }));

  it("is kept for calls that are alike, each thing for itself, and for no others", () => {
    const [kept, keptElsewhere] = [[], []];
    const first = nameOf({ ...call, kept });
    expect(nameOf({ ...call, kept })).toBe(first);
    expect(other({ ...call, kept }).text).toBe("other");
    expect(nameOf({ ...call, kept }).text).toBe("r 1");
    expect(nameOf({ ...call, kept: keptElsewhere }).text).toBe("r 2");
  });

  it("is found out each time for a call that is like no other", () => {
    asked = 0;
    expect([nameOf(call).text, nameOf(call).text]).toEqual(["r 1", "r 2"]);
  });
});

test("a link stands behind those that are there already", () => {
  const headers = new Map<string, string>();
  addLink(headers, "<a>");
  addLink(headers, "<b>");
  expect(headers.get("link")).toBe("<a>, <b>");
});
