import { chooseDeliveries, type DueDelivery, type Running } from "../choose-deliveries";

const LIMITS = { healthy: 8, perEndpoint: 3, troubled: 2 };
const due = (endpointId: string, count: number, isTroubled = false): DueDelivery[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${endpointId}${i}`, endpointId, isTroubled }));
const choose = (all: readonly DueDelivery[], running: Running = new Map()) =>
  chooseDeliveries(all, running, LIMITS).map(({ id }) => id);

test("every endpoint gets its first before anyone gets a second, each up to its bound", () => {
  expect(choose([...due("a", 5), ...due("b", 2)])).toEqual(["a0", "b0", "a1", "b1", "a2"]);
});

test("no more begin than there are places", () => {
  const running: Running = new Map([["x", { count: 6, isTroubled: false }]]);
  expect(choose([...due("a", 2), ...due("b", 2), ...due("c", 2)], running)).toEqual(["a0", "b0"]);
  expect(choose(due("a", 2), new Map([["x", { count: 8, isTroubled: false }]]))).toEqual([]);
});

test("endpoints in trouble have one place each and few together, however much they have that is due longer", () => {
  const troubled = ["a", "b", "c", "d"].flatMap((endpoint) => due(endpoint, 3, true));
  expect(choose([...troubled, ...due("live", 3)])).toEqual(["a0", "b0", "live0", "live1", "live2"]);
  const running: Running = new Map([
    ["a", { count: 1, isTroubled: true }],
    ["b", { count: 1, isTroubled: true }],
  ]);
  expect(choose([...troubled, ...due("live", 1)], running)).toEqual(["live0"]);
});
