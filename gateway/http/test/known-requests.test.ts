import { buildSchema } from "graphql";
import type { Partner } from "../../partners/keys/partner";
import { entityTagOf } from "../entity-tag";
import { createKnownRequests } from "../known-requests";

const registry = {};
const target = "/partner/v1/orders/1";

describe("what a partner's request means", () => {
  it("is known when it comes again", () => {
    const requests = createKnownRequests<string>();
    requests.keep(registry, "acme", target, "order 1");
    expect(requests.find(registry, "acme", target)?.meaning).toBe("order 1");
    expect(requests.find(registry, "acme", `${target}0`)).toBeUndefined();
  });

  it("is another with another registry, and for another partner", () => {
    const requests = createKnownRequests<string>();
    requests.keep(registry, "acme", target, "order 1");
    expect(requests.find({}, "acme", target)).toBeUndefined();
    expect(requests.find(registry, "globex", target)).toBeUndefined();
    requests.keep(registry, "globex", target, "theirs");
    expect(requests.find(registry, "globex", target)?.meaning).toBe("theirs");
    expect(requests.find(registry, "acme", target)).toBeUndefined();
  });

  it("is read again when it is long, or was asked for long ago", () => {
    const requests = createKnownRequests<string>();
    const long = `${target}?q=${"a".repeat(500)}`;
    expect(requests.keep(registry, "acme", long, "many").meaning).toBe("many");
    expect(requests.find(registry, "acme", long)).toBeUndefined();
    for (let i = 0; i <= 500; i++) requests.keep(registry, "acme", `/${i}`, "");
    expect(requests.find(registry, "acme", "/0")).toBeUndefined();
    expect(requests.find(registry, "acme", "/500")).toBeDefined();
  });
});

test("what is kept of a request that came again is of one key, as it was read, and of one graph", () => {
  const { keptFor } = createKnownRequests<string>().keep(registry, "acme", target, "");
  const [schema, nextSchema] = [buildSchema("type Query { a: Int }"), buildSchema("type Query { a: Int }")];
  const [key, readAnew] = [{ keyId: "k" } as Partner, { keyId: "k" } as Partner];
  expect(keptFor(key, schema)).toBeUndefined();
  const kept = keptFor(key, schema);
  expect(kept).toBeDefined();
  expect(keptFor(key, schema)).toBe(kept);
  expect(keptFor(readAnew, schema)).not.toBe(kept);
  expect(keptFor(key, nextSchema)).not.toBe(kept);
  expect(keptFor(key, schema)).not.toBe(kept);
});

test("the tag of an answer is that of its text, whatever was answered before", () => {
  const { tagOf } = createKnownRequests<string>().keep(registry, "acme", target, "");
  const large = "x".repeat(20_000);
  for (const text of ["a", "a", "b", "a", large, large, ""]) expect(tagOf(text)).toBe(entityTagOf(text));
});
