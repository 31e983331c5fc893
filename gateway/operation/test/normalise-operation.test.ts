import { parse, print } from "graphql";
import { NO_CONDITIONS } from "../conditions";
import { normaliseOperation } from "../normalise-operation";

const names = {
  fieldNames: new Set<string>(),
  objectTypes: new Set(["Film", "Song"]),
  requiredObjects: {
    requiredBy: new Map([["label", new Set(["royalty"])]]),
    fallible: new Set(["owner"]),
    computed: new Map<string, Set<string>>(),
    keys: new Set<string>(),
  },
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

describe("a response key of two meanings", () => {
  const clientKeys = (document: string) => {
    const found = normaliseOperation(parse(document), undefined, names, NO_CONDITIONS);
    return [...(found ? print(found.operation).matchAll(/own_\w+/g) : [])].map(([key]) => found?.responseKey(key));
  };

  it.each([
    [
      "is another key for another argument",
      "{ media { ... on Film { note } ... on Song { note(color: RED) } } }",
      "{ media { ... on Film { note } ... on Song { own_note: note(color: RED) } } }",
    ],
    [
      "is another key for another field, and leaves what is below it apart",
      "{ media { ... on Film { x: maker { y: name } } ... on Song { x: singer { y: nick } } } }",
      "{ media { ... on Film { x: maker { y: name } } ... on Song { own_x: singer { y: nick } } } }",
    ],
    [
      "is another key below a field that they share",
      "{ media { ... on Film { maker { x: name } } ... on Song { maker { ... { x: nick } } } } }",
      "{ media { ... on Film { maker { x: name } } ... on Song { maker { ... { own_x: nick } } } } }",
    ],
    [
      "stays with the field of that name",
      "{ media { ... on Film { rank: place } ... on Song { rank } } }",
      "{ media { ... on Film { own_rank: place } ... on Song { rank } } }",
    ],
    [
      "is another key wherever it has the meaning, so that fields which merge still do",
      "{ media { ...A ... on Song { x: b } } song { x: b } } fragment A on Film { x: a }",
      "{ media { ... on Film { x: a } ... on Song { own_x: b } } song { own_x: b } }",
    ],
    [
      "has as many keys as meanings",
      "{ media { ... on Film { x: a } ... on Song { x: b } ... on Book { x: a(of: 1) } } }",
      "{ media { ... on Film { x: a } ... on Song { own_x: b } ... on Book { own_x_0: a(of: 1) } } }",
    ],
  ])("%s", (_what, document, text) => {
    expect(normalised(document).text).toBe(text);
    expect(clientKeys(document).every((key) => key !== undefined && document.includes(key))).toBe(true);
  });

  it.each([
    ["at different places", "{ film { x: name } song { x: title } }"],
    [
      "of which both are one, whatever the order of arguments",
      "{ media { ... on Film { note(a: {b: [1], c: $c}, d: 2) } ... on Song { note(d: 2, a: {c: $c, b: [1]}) } } }",
    ],
  ])("stays as it is %s", (_where, document) => {
    expect(normalised(document).text).toBe(document);
  });
});
