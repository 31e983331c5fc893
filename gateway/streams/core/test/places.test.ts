import { createPlaces } from "../places";

test("things are found under their names, until they are taken away", () => {
  const places = createPlaces<string>();
  places.set("a", "first");
  places.set("b", "second");
  places.set("a", "third");
  expect([places.get("a"), places.get("b"), places.get("c")]).toEqual(["third", "second", undefined]);
  places.delete("a");
  places.delete("c");
  expect([places.get("a"), places.get("b")]).toEqual([undefined, "second"]);
});

test("a place that became free is another's, and nobody else's", () => {
  const places = createPlaces<number>();
  const expected = new Map<string, number>();
  for (let n = 0; n < 1_000; n++) {
    const name = `n${(n * 7) % 31}`;
    if (n % 3 === 0) {
      places.delete(name);
      expected.delete(name);
    } else {
      places.set(name, n);
      expected.set(name, n);
    }
    for (let i = 0; i < 31; i++) expect(places.get(`n${i}`)).toBe(expected.get(`n${i}`));
  }
});
