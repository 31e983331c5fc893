import { GraphQLError } from "graphql";
import { createErrorReport } from "../complete/error-report";
import { asObject, either, SiteState } from "../run/state";

describe("the objects of a site", () => {
  const [a, b, c] = [{ id: 1 }, { id: 2 }, { id: 1 }];
  const site = () => {
    const state = new SiteState();
    state.objects.push(a, b, c);
    state.classes.push(0, -1, 0);
    return state;
  };

  it("are found in the order of the walk, again after a rewind", () => {
    const state = site();
    expect([a, b, c].map((object) => state.locate(object))).toEqual([0, -1, 0]);
    state.rewind();
    expect([a, b, c].map((object) => state.locate(object))).toEqual([0, -1, 0]);
  });

  it("are found in any other order, also when some are left out or asked for twice", () => {
    const state = site();
    expect([c, a, a, b].map((object) => state.locate(object))).toEqual([0, 0, 0, -1]);
  });

  it("may be looked at aside without losing the place of the visit", () => {
    const shared = { id: 3 };
    const state = new SiteState();
    state.objects.push(shared, a, shared);
    state.classes.push(0, 1, 2);
    expect([state.locate(shared), state.locateAside(a), state.locate(a), state.locate(shared)]).toEqual([0, 1, 1, 2]);
    state.rewind();
    expect([state.locateAside(a), state.locate(shared)]).toEqual([1, 0]);
  });

  it("no object and a strange one belong to no class", () => {
    const state = site();
    expect([undefined, { id: 1 }].map((object) => state.locate(object))).toEqual([-1, -1]);
    expect(state.locate(a)).toBe(0);
  });
});

describe("what sources say", () => {
  it.each([
    [1, 2, 1],
    [null, 2, 2],
    [undefined, 2, 2],
    [null, undefined, null],
    [undefined, null, null],
    [undefined, undefined, undefined],
    [0, 2, 0],
    ["", "x", ""],
    [false, true, false],
  ])("of the later %j and the earlier %j counts %j", (later, earlier, counts) => {
    expect(either(later, earlier)).toBe(counts);
  });

  it.each([null, undefined, 1, "text", [], [{}]])("%j is no object", (value) => {
    expect(asObject(value)).toBeUndefined();
  });
});

describe("an error report", () => {
  const path = (...keys: (string | number)[]) =>
    keys.reduce<{ above: never; key: string | number } | undefined>(
      (above, key) => ({ above: above as never, key }),
      undefined,
    );

  it("explains nulls at, above and below an error, and nowhere else", () => {
    const report = createErrorReport();
    report.add(new GraphQLError("e"), ["a", 1, "b"]);
    const explained = [
      path(),
      path("a"),
      path("a", 1),
      path("a", 1, "b"),
      path("a", 1, "b", "c"),
      path("a", 0),
      path("a", 10),
      path("a", 1, "c"),
      path("b"),
    ].map((place) => report.explains(place));
    expect(explained).toEqual([true, true, true, true, true, false, false, false, false]);
  });

  it("an error without a path explains nothing", () => {
    const report = createErrorReport();
    report.add(new GraphQLError("e"), undefined);
    expect(report.explains(path())).toBe(false);
  });

  it("says the same of a place once, and stops at a hundred", () => {
    const report = createErrorReport();
    report.add(new GraphQLError("e"), ["a"]);
    report.add(new GraphQLError("e"), ["a"]);
    expect(report.errors).toHaveLength(1);
    for (let i = 0; i < 1_000; i++) report.add(new GraphQLError("e"), ["a", i]);
    expect(report.errors.length).toBeLessThanOrEqual(501);
    expect(report.errors.at(-1)?.message).toBe("There are more errors.");
  });
});
