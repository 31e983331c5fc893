import { compileConditions } from "../../../schema/event-condition";
import { checkEventDirectives } from "../../../schema/check-event-directives";
import { checkViewerIndependence } from "../../../schema/check-viewer-independence";
import { parseConditions } from "../../../schema/parse-conditions";
import { printSdl } from "../print-sdl";

const subgraph = async () => ({ name: "products", url: "http://products.test", sdl: await printSdl() });

it("subscribes to events that exist, by paths that they have, and promises the same to everyone of nothing that is guarded", async () => {
  expect(checkEventDirectives([await subgraph()])).toEqual([]);
  expect(checkViewerIndependence([await subgraph()])).toEqual([]);
});

it("alerts staff only: scarcity is guarded, prices are not", async () => {
  const { sdl } = await subgraph();
  expect(sdl).toMatch(/stockLow\([^)]*\): ProductVariant! @requiresScopes\(scopes: \[\["products:write"\]\]\)/s);
  expect(sdl).toMatch(/productPriceChanged\([^)]*\): ProductVariant! @event/s);
  expect(sdl).toMatch(/onHand: Int @requiresScopes\(scopes: \[\["products:write"\]\]\)\n/);
});

it.each([
  [6, 5, true],
  [6, 3, true],
  [5, 4, false],
  [4, 9, false],
  [9, 6, false],
])("units that go from %i to %i fall to the threshold of 5: %s", async (availableBefore, available, falls) => {
  const where = /stockLow[\s\S]*?where: "([^"]*)"/.exec((await subgraph()).sdl)?.[1] ?? "";
  const holds = compileConditions(parseConditions(where), { args: { threshold: 5 }, claims: {} });
  expect(holds({ availableBefore, available })).toBe(falls);
});

it.each([
  ["PUBLISHED", "p1", true],
  ["PUBLISHED", "p3", false],
  ["DRAFT", "p1", false],
  [undefined, "p1", false],
])("a price of a product that is %s and called %s is told: %s", async (productStatus, productId, told) => {
  const where = /productPriceChanged[\s\S]*?where: "([^"]*)"/.exec((await subgraph()).sdl)?.[1] ?? "";
  const holds = compileConditions(parseConditions(where), { args: { productIds: ["p1", "p2"] }, claims: {} });
  expect(holds({ productStatus, productId })).toBe(told);
});
