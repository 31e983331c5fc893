import { GraphQLError, parse } from "graphql";
import { describeSyntaxError } from "../describe-syntax-error";

function reasonFor(text: string): string {
  try {
    parse(text, { noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) return describeSyntaxError(error);
    throw error;
  }
  throw new Error("it is GraphQL");
}

describe("the reason why a text is not GraphQL", () => {
  it.each([
    ["a line of several", "type A {\n  a: Int\n  b Int\n}", 'line 3, column 5 (Expected ":", found Name "Int"): b Int'],
    [
      "other ends of lines",
      "type A {\r\n  a: Int\r  b Int\n}",
      'line 3, column 5 (Expected ":", found Name "Int"): b Int',
    ],
    ["the end of the text", "type A {", "line 1, column 9 (Expected Name, found <EOF>): type A {"],
    ["an empty line", "type A {\n", "line 2, column 1 (Expected Name, found <EOF>)."],
    ["a page of a web server", "<!DOCTYPE html>", 'line 1, column 1 (Unexpected character: "<"): <!DOCTYPE html>'],
  ])("names %s", (_what, text, reason) => {
    expect(reasonFor(text)).toBe(`The supergraph is not GraphQL at ${reason}`);
  });

  it("shows of a long line what is around the place", () => {
    const reason = reasonFor(`type A { ${"a: Int ".repeat(1_000)} b Int ${"c: Int ".repeat(1_000)}`);
    expect(reason).toMatch(/line 1, column 7013 \(.*\): ….*a: Int  ?b Int c: Int.*…$/);
    expect(reason.length).toBeLessThan(200);
  });

  it("does not repeat a long token, nor its line breaks", () => {
    const reason = reasonFor(`type """one\n\n${"two ".repeat(1_000)}"""`);
    expect(reason).toMatch(/line 1, column 6 \(Expected Name, found BlockString "one two .*…\): type """one$/);
    expect(reason.length).toBeLessThan(250);
  });

  it("has no control characters", () => {
    expect(reasonFor("type\u001b[31m A")).toMatch(/^[ -~]+$/);
  });
});
