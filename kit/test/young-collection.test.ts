import { runInNewContext } from "node:vm";
import { youngCollection } from "../young-collection";

test("the young generation can be collected, and no thread takes that away from another", () => {
  const collect = youngCollection();
  expect(collect()).toBeUndefined();
  // What another thread does after it has set the flag, and before it has its function.
  expect(runInNewContext("typeof gc")).toBe("function");
});
