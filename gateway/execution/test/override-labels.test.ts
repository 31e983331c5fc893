import { createOverrideLabels } from "../../operation/override-labels";

const ids = Array.from({ length: 10_000 }, (_, i) => `request-${i}`);
const shareOf = (labels: readonly string[], label: string, enabled: readonly string[] = []) => {
  const chosen = createOverrideLabels(labels, new Set(enabled));
  return ids.filter((id) => chosen.chosenFor(id).includes(label)).length / ids.length;
};

describe("labels of @override", () => {
  it.each([
    ["percent(0)", 0],
    ["percent(100)", 1],
    ["percent(25)", 0.25],
    ["percent(0.5)", 0.005],
    ["percent(99.5)", 0.995],
  ])("%s holds for that share of requests", (label, share) => {
    expect(shareOf([label], label)).toBeCloseTo(share, 2);
  });

  it("the same request has the same answer, and a larger share holds whenever a smaller one does", () => {
    const labels = createOverrideLabels(["percent(60)", "percent(20)"], new Set());
    for (const id of ids.slice(0, 500)) {
      const chosen = labels.chosenFor(id);
      expect(labels.chosenFor(id)).toEqual(chosen);
      if (chosen.includes("percent(20)")) expect(chosen).toEqual(["percent(20)", "percent(60)"]);
    }
  });

  it("any other label holds when it is switched on, and never otherwise", () => {
    expect(shareOf(["move"], "move")).toBe(0);
    expect(shareOf(["move"], "move", ["move"])).toBe(1);
    expect(shareOf(["percent(200)", "percent(-1)", "percent(x)"], "percent(200)")).toBe(0);
  });

  it("what is switched on but not in the graph does not divide the plans", () => {
    expect(createOverrideLabels(["move"], new Set(["nobody's"])).chosenFor("r")).toEqual([]);
    expect(createOverrideLabels([], new Set(["nobody's"])).chosenFor("r")).toEqual([]);
  });
});
