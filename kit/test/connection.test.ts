import { z } from "zod";
import { ClientError } from "../errors";
import { createPage, encodeCursor, MAX_PAGE_SIZE, type PageArgs, parsePageArgs } from "../subgraph/connection";

const key = z.int();

/** The numbers below `count` as a store would page them. */
function list(count: number, args: PageArgs) {
  const request = parsePageArgs(args, key);
  const between = Array.from({ length: count }, (_, i) => i).filter(
    (value) => value > (request.after ?? -1) && value < (request.before ?? count),
  );
  const rows = (request.direction === "forward" ? between : between.reverse()).slice(0, request.limit + 1);
  return createPage({
    request,
    rows,
    keyOf: (row) => row,
    toNode: (row) => row,
    countAll: () => Promise.resolve(count),
  });
}
const nodes = (count: number, args: PageArgs) => list(count, args).edges.map(({ node }) => node);

const refusal = (args: PageArgs): ClientError => {
  try {
    parsePageArgs(args, key);
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error("the arguments were taken");
};

it("a page without arguments has the first twenty", () => {
  expect(nodes(50, {})).toHaveLength(20);
  expect(nodes(50, { first: null, after: null, last: null, before: null })).toHaveLength(20);
});

it("pages from both ends come in the order of the list", () => {
  expect(nodes(10, { first: 3, after: encodeCursor(4) })).toEqual([5, 6, 7]);
  expect(nodes(10, { last: 3, before: encodeCursor(4) })).toEqual([1, 2, 3]);
  expect(nodes(10, { last: 3 })).toEqual([7, 8, 9]);
});

it("a page tells whether there is more on either side", () => {
  const more = (args: PageArgs) => {
    const { hasPreviousPage, hasNextPage } = list(10, args).pageInfo;
    return [hasPreviousPage, hasNextPage];
  };
  expect(more({ first: 10 })).toEqual([false, false]);
  expect(more({ first: 9 })).toEqual([false, true]);
  expect(more({ first: 3, after: encodeCursor(0) })).toEqual([true, true]);
  expect(more({ first: 9, after: encodeCursor(0) })).toEqual([true, false]);
  expect(more({ last: 10 })).toEqual([false, false]);
  expect(more({ last: 9 })).toEqual([true, false]);
  expect(more({ last: 3, before: encodeCursor(9) })).toEqual([true, true]);
});

it("an empty page has no cursors", () => {
  expect(list(0, {})).toMatchObject({ edges: [], pageInfo: { startCursor: null, endCursor: null } });
});

it.each<[PageArgs, string]>([
  [{ first: MAX_PAGE_SIZE + 1 }, "first"],
  [{ first: -1 }, "first"],
  [{ first: 1.5 }, "first"],
  [{ last: 101 }, "last"],
  [{ first: 1, last: 1 }, "last"],
  [{ after: "" }, "after"],
  [{ after: "not JSON" }, "after"],
  [{ before: encodeCursor("a text where a number belongs") }, "before"],
  [{ after: encodeCursor(1).repeat(1_000) }, "after"],
])("%j is refused, naming %s", (args, name) => {
  expect(refusal(args)).toMatchObject({ code: "BAD_USER_INPUT", details: { argumentPath: [name] } });
});
