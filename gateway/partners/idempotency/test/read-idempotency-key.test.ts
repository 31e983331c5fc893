import { fingerprintOf } from "../fingerprint";
import { readIdempotencyKey } from "../read-idempotency-key";

describe("an Idempotency-Key header", () => {
  it.each([
    ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ['  "a"  ', "a"],
    [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ["x".repeat(255), "x".repeat(255)],
    [`"${"x".repeat(255)}"`, "x".repeat(255)],
    ["a,b", "a,b"],
  ])("%s is the key %s", (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  it.each([
    "",
    '""',
    '"a',
    '"a"b"',
    String.raw`"a\b"`,
    '"a";p=1',
    "one, two",
    '"one", "two"',
    "with blank",
    '"with blank"',
    "tab\tin",
    "é",
    "x".repeat(256),
    `"${"x".repeat(256)}"`,
  ])("%j is none", (header) => {
    expect(readIdempotencyKey(header)).toBeUndefined();
  });
});

describe("the fingerprint of a call", () => {
  const variables = { a: 1, b: [{ c: "x", d: null }], e: { f: true, g: { h: 1, i: 2 } } };
  const shuffled = { e: { g: { i: 2, h: 1 }, f: true }, b: [{ d: null, c: "x" }], a: 1 };

  it("does not depend on the order of keys", () => {
    expect(fingerprintOf("id", shuffled)).toBe(fingerprintOf("id", variables));
  });

  it.each([
    ["another operation", "other", variables],
    ["another value", "id", { ...variables, a: "1" }],
    ["one value less", "id", { a: 1, b: variables.b }],
    ["null for nothing", "id", { ...variables, z: null }],
    ["another order of a list", "id", { list: [2, 1] }],
    ["what would be the same text unquoted", "id", { "a:1,b": 2 }],
  ])("differs for %s", (_what, id, others) => {
    const known = [
      fingerprintOf("id", variables),
      fingerprintOf("id", { list: [1, 2] }),
      fingerprintOf("id", { a: 1, b: 2 }),
    ];
    expect(known).not.toContain(fingerprintOf(id, others));
  });
});
