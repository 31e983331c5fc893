import { type OperationDefinitionNode, parse, print } from "graphql";
import { printOperation } from "../print-operation";

describe("an operation printed without layout means the same", () => {
  it.each([
    "{ a }",
    'query Named($a: Int! = 3, $b: [In!] @x) @y(z: 1) { a(b: $a, c: [1, {d: $b}], e: "quoted \\" \\n", f: true) { b } c }',
    "mutation { first: change(to: RED) { id } second: change { id __typename } }",
    'subscription S { changed @include(if: true) { ... on A @defer(label: "x") { b c } ... { d } ...F @skip(if: $e) } }',
    "{ a { b { c } d } ... on Query { e } f: g(h: null, i: -1.5e3) }",
  ])("%s", (text) => {
    const [operation] = parse(text).definitions as OperationDefinitionNode[];
    expect(print(parse(printOperation(operation!)))).toBe(print(operation!));
  });
});
