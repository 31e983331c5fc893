import { allOnce, checkDelivery } from "../../../e2e/harness/check-delivery";

const published = ["a", "b", "c", "d"];

test("everything once and in order is the one outcome that is right", () => {
  expect(checkDelivery(published, published)).toEqual(allOnce(published));
});

test.each([
  ["lost", ["a", "b", "d"], { once: 3, lost: ["c"] }],
  ["duplicated", ["a", "b", "b", "c", "a", "d"], { once: 2, duplicated: ["a", "b"] }],
  ["invented", ["a", "b", "x", "c", "d"], { invented: ["x"] }],
  ["disordered", ["a", "c", "b", "d"], { disordered: ["b"] }],
])("what is %s is named", (_what, delivered, difference) => {
  expect(checkDelivery(published, delivered)).toEqual({ ...allOnce(published), ...difference });
});

test("nothing at all is all lost", () => {
  expect(checkDelivery(published, [])).toEqual({ ...allOnce([]), lost: published });
});
