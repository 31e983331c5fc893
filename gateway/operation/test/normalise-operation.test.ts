import { parse, print } from "graphql";
import { NO_CONDITIONS } from "../conditions";
import { normaliseOperation } from "../normalise-operation";

const names = {
  fieldNames: new Set<string>(),
  objectTypes: new Set(["Film", "Song"]),
  requiredObjects: { requiredBy: new Map([["label", new Set(["royalty"])]]), fallible: new Set(["owner"]) },
};
const normalised = (document: string) => {
  const { operation, labels } = normaliseOperation(parse(document), undefined, names, NO_CONDITIONS) ?? {};
  return { text: operation && print(operation).replace(/\s+/g, " "), labels: [...(labels ?? [])] };
};

describe("a deferred fragment", () => {
  it("has a label of its own", () => {
    expect(normalised(`{ film { ... @defer(label: "a") { title } ... @defer { year } } }`)).toEqual({
      text: `{ film { ... @defer(label: "d0") { title } ... @defer(label: "d1") { year } } }`,
      labels: [
        ["d0", "a"],
        ["d1", undefined],
      ],
    });
  });

  it.each([
    ["itself", "{ film { ... on Film { ... @defer { kind: __typename } } } }"],
    [
      "in fragments",
      "{ film { ...A @defer } } fragment A on Film { ... on Film { __typename } ... @defer { __typename } }",
    ],
  ])("is no deferred one when it asks %s for names of types alone, which cannot be planned", (_where, document) => {
    const { text, labels } = normalised(document);
    expect(text).toContain("__typename");
    expect(text).not.toContain("@defer");
    expect(labels).toEqual([]);
  });

  it("stays one when it asks for more beside", () => {
    expect(normalised("{ film { ... @defer { __typename maker { __typename } } } }").text).toBe(
      `{ film { ... @defer(label: "d0") { __typename maker { __typename } } } }`,
    );
  });
});

describe("a fragment on one object type within a fragment on another", () => {
  it.each([
    ["is left out", "{ media { title ... on Film { ... on Song { artist } } } }", "{ media { title } }"],
    [
      "is left out through an interface and other fragments, deferred or not",
      "{ media { title ... on Film { ...M @defer } } } fragment M on Media { ... { ... on Song { ... @defer { artist } } } }",
      "{ media { title } }",
    ],
    [
      "stays where the same fragment is spread elsewhere",
      "{ media { ... on Film { ...M } ... on Song { ...M } } } fragment M on Media { ... on Song { artist } }",
      "{ media { ... on Song { ... on Media { ... on Song { artist } } } } }",
    ],
    [
      "stays below a field",
      "{ media { ... on Film { tune { ... on Song { artist } } } } }",
      "{ media { ... on Film { tune { ... on Song { artist } } } } }",
    ],
  ])("%s", (_what, document, text) => {
    expect(normalised(document)).toEqual({ text, labels: [] });
  });
});
