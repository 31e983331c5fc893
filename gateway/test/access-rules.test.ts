import { parse } from "graphql";
import { readAccessRules } from "../access/rules/access-rules";

const rulesOf = (links: string, types: string) =>
  readAccessRules(parse(`schema ${links} { query: Query }\ntype Query { a: Int }\n${types}`));

const link = (spec: string, rest = "") => `@link(url: "https://specs.apollo.dev/${spec}/v0.1", for: SECURITY${rest})`;
const keys = (rules: readonly { key: string }[]) => rules.map(({ key }) => key);

describe("which directives are rules", () => {
  it.each([
    ["the name in the URL", link("authenticated"), "@authenticated"],
    ["an import", link("authenticated", ', import: ["@authenticated"]'), "@authenticated"],
    ["a renamed import", link("authenticated", ', import: [{name: "@authenticated", as: "@loggedIn"}]'), "@loggedIn"],
    ["a namespace", link("authenticated", ', as: "auth"'), "@auth"],
    ["a name in a namespace", link("authenticated", ', as: "auth"'), "@auth__authenticated"],
    [
      "@core, the ancestor of @link",
      '@core(feature: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)',
      "@authenticated",
    ],
    ["no link at all", "", "@authenticated"],
  ])("%s", (_how, links, directive) => {
    const rules = rulesOf(links, `type User { email: String ${directive} }`);
    expect(keys(rules.ofField("User", "email"))).toEqual(["authenticated"]);
    expect(rules.isEmpty).toBe(false);
  });

  it("a directive of the same name from another specification is no rule", () => {
    const custom = '@link(url: "https://example.com/policy/v1.0", import: ["@policy"])';
    const rules = rulesOf(custom, 'type User { email: String @policy(name: "gold") }');
    expect(rules.isEmpty).toBe(true);
  });

  it("rules on types count for objects, interfaces, scalars and enums", () => {
    const rules = rulesOf(
      "",
      "type User @authenticated { id: ID } interface Node @authenticated { id: ID } scalar Secret @authenticated enum Mood @authenticated { A }",
    );
    for (const type of ["User", "Node", "Secret", "Mood"]) expect(keys(rules.ofType(type))).toEqual(["authenticated"]);
  });

  it("scope lists are compared by meaning, not by spelling", () => {
    const rules = rulesOf(
      "",
      'type User { a: Int @requiresScopes(scopes: [["x", "y"], ["z"]]) b: Int @requiresScopes(scopes: [["z"], ["y", "x", "y"], ["z", "q"]]) c: Int @requiresScopes(scopes: "z") }',
    );
    expect(keys(rules.ofField("User", "a"))).toEqual(keys(rules.ofField("User", "b")));
    expect(keys(rules.ofField("User", "c"))).toEqual(['scopes:[["z"]]']);
  });

  it.each([
    ["without scopes", "@requiresScopes"],
    ["with numbers", "@requiresScopes(scopes: [[1]])"],
  ])("a rule that cannot be understood, %s, is an error and no open field", (_what, directive) => {
    expect(() => rulesOf("", `type User { a: Int ${directive} }`)).toThrow("@requiresScopes");
  });
});

describe("rules of interfaces", () => {
  const implementations = (a: string, b: string) => `
    type A implements Node ${a.includes("type") ? "@authenticated" : ""} { id: ID @requiresScopes(scopes: [["a"]]) }
    type B implements Node ${b} { id: ID @requiresScopes(scopes: [["b"], ["c"]]) }`;

  it("one that composition derived from the implementations binds nobody else", () => {
    const rules = rulesOf(
      "",
      `interface Node @authenticated { id: ID @requiresScopes(scopes: [["a", "c"], ["a", "b"]]) } ${implementations("type", "")}`,
    );
    expect(keys(rules.ofType("Node"))).toEqual([]);
    expect(keys(rules.ofType("A"))).toEqual(["authenticated"]);
    expect(keys(rules.ofType("B"))).toEqual([]);
    expect(keys(rules.ofField("B", "id"))).toEqual(['scopes:[["b"],["c"]]']);
  });

  it("one that says more binds every implementation", () => {
    const rules = rulesOf(
      "",
      `interface Node @policy(policies: [["p"]]) { id: ID @requiresScopes(scopes: [["z"]]) } ${implementations("", "")}`,
    );
    for (const type of ["A", "B"]) {
      expect(keys(rules.ofType(type))).toEqual(['policies:[["p"]]']);
      expect(keys(rules.ofField(type, "id"))).toContain('scopes:[["z"]]');
    }
  });

  it("an extension adds to its type", () => {
    const rules = rulesOf("", "type User { id: ID } extend type User @authenticated { name: String @authenticated }");
    expect(keys(rules.ofType("User"))).toEqual(["authenticated"]);
    expect(keys(rules.ofField("User", "name"))).toEqual(["authenticated"]);
  });
});
