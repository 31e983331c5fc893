import type { Product } from "../domain/product";
import { makeProduct, makeVariant, store, storeCategory } from "./make-product";
import { type RunningProducts, startProducts } from "./start-products";

let products: RunningProducts;
let all: Product[];

beforeAll(async () => {
  products = await startProducts();
  const home = await storeCategory(products.db, "home");
  const cups = await storeCategory(products.db, "cups", home);
  const art = await storeCategory(products.db, "art");
  const names = [
    "écru Mug",
    "Ashtray",
    "bowl",
    "Mug",
    "Mug",
    "Zinc Print",
    "Carafe",
    "mug rack",
    "Print",
    "Delta",
    "Oxbow",
  ];
  all = names.map((name, i) =>
    makeProduct({
      name,
      description: i === 9 ? "A river, printed." : "",
      categoryId: [home._id, cups._id, art._id][i % 3] ?? "",
      // Several of the same price, so that the id has to decide.
      variants: [
        makeVariant({ price: { amountMinor: 500 + (i % 4) * 100, currency: "EUR" }, onHand: i % 5 === 0 ? 0 : 2 }),
        makeVariant({ price: { amountMinor: 9_000 - i, currency: "EUR" }, onHand: 0 }),
      ],
    }),
  );
  await store(products.db, ...all);
});
afterAll(() => products.close());

interface PageAnswer {
  products: {
    totalCount: number;
    edges: { cursor: string; node: { id: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  };
}

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: ProductFilter, $sort: ProductSort! = NEWEST) {
  products(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const page = async (variables: Record<string, unknown>) =>
  (await products.data<PageAnswer>(undefined, PAGE, variables)).products;
const ids = (answer: PageAnswer["products"]) => answer.edges.map(({ node }) => node.id);
const named = (found: readonly Product[]) => found.map(({ id }) => id);

const byId = (a: Product, b: Product) => (a.id < b.id ? -1 : 1);
const byName = (a: Product, b: Product) => {
  const [left, right] = [a, b].map(({ name }) => name.replace("é", "e").toLowerCase()) as [string, string];
  return left === right ? byId(a, b) : left < right ? -1 : 1;
};
const minimum = ({ variants }: Product) => Math.min(...variants.map(({ price }) => price.amountMinor));
const byPrice = (a: Product, b: Product) => minimum(a) - minimum(b) || byId(a, b);

describe.each([
  ["NEWEST", () => [...all].sort(byId).reverse()],
  ["NAME", () => [...all].sort(byName)],
  ["PRICE_LOW_TO_HIGH", () => [...all].sort(byPrice)],
  ["PRICE_HIGH_TO_LOW", () => [...all].sort(byPrice).reverse()],
] as const)("a list sorted by %s", (sort, expected) => {
  it("comes in that order, page by page from the start, each product once", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const answer = await page({ first: 3, after, sort });
      seen.push(...ids(answer));
      expect(answer.totalCount).toBe(11);
      expect(answer.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(answer.pageInfo.hasNextPage).toBe(seen.length < 11);
      after = answer.pageInfo.hasNextPage ? answer.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(named(expected()));
  });

  it("comes in that order, page by page from the end", async () => {
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const answer = await page({ last: 4, before, sort });
      seen.unshift(...ids(answer));
      expect(answer.pageInfo.hasNextPage).toBe(before !== null);
      before = answer.pageInfo.hasPreviousPage ? answer.pageInfo.startCursor : null;
    } while (before !== null);
    expect(seen).toEqual(named(expected()));
  });

  it("stays between the two cursors it is given", async () => {
    const { edges } = await page({ first: 11, sort });
    const between = await page({ after: edges[2]?.cursor, before: edges[8]?.cursor, first: 3, sort });
    expect(ids(between)).toEqual(named(expected().slice(3, 6)));
    const rest = await page({ after: edges[2]?.cursor, before: edges[8]?.cursor, last: 50, sort });
    expect(ids(rest)).toEqual(named(expected().slice(3, 8)));
  });
});

it("goes on at the right place when products were added and removed in the meantime", async () => {
  const first = await page({ first: 4, sort: "NAME" });
  const late = makeProduct({ name: "aaa", categoryId: all[0]?.categoryId ?? "" });
  await store(products.db, late);
  await products.db.collection<{ _id: string }>("products").deleteOne({ _id: ids(first)[3] ?? "" });
  const removed = all.find(({ id }) => id === ids(first)[3]);
  const next = await page({ first: 4, after: first.pageInfo.endCursor, sort: "NAME" });
  expect(ids(next)).toEqual(named([...all].sort(byName).slice(4, 8)));
  await products.db.collection<{ _id: string }>("products").deleteOne({ _id: late.id });
  if (removed) await store(products.db, removed);
});

describe("a filter", () => {
  const slugs = async (filter: Record<string, unknown>) => {
    const answer = await page({ filter, first: 50, sort: "NAME" });
    expect(answer.totalCount).toBe(answer.edges.length);
    return ids(answer);
  };
  const sorted = (test: (product: Product, index: number) => boolean) => named(all.filter(test).sort(byName));

  it("by category takes the whole subtree", async () => {
    expect(await slugs({ categorySlug: "home" })).toEqual(sorted((_, i) => i % 3 !== 2));
    expect(await slugs({ categorySlug: "cups" })).toEqual(sorted((_, i) => i % 3 === 1));
    expect(await slugs({ categorySlug: "none" })).toEqual([]);
  });

  it("by stock takes what can be ordered, or what cannot", async () => {
    expect(await slugs({ inStock: true })).toEqual(sorted((_, i) => i % 5 !== 0));
    expect(await slugs({ inStock: false })).toEqual(sorted((_, i) => i % 5 === 0));
  });

  it("by text takes products in which every word begins a word, without regard to capitals and accents", async () => {
    expect(await slugs({ search: "MUG" })).toEqual(sorted(({ name }) => /mug/i.test(name)));
    expect(await slugs({ search: "Ecru  mu" })).toEqual(sorted((_, i) => i === 0));
    expect(await slugs({ search: "print" })).toEqual(sorted((_, i) => [5, 8, 9].includes(i)));
    expect(await slugs({ search: all[6]?.variants[1]?.sku })).toEqual(expect.arrayContaining([all[6]?.id]));
    expect(await slugs({ search: "ug" })).toEqual([]);
  });

  it("by a text without words, or with signs that mean something elsewhere, finds nothing and harms nothing", async () => {
    for (const search of ["", "   ", ".*", "^", "$ne", "(?:", '"', "\u0000", "({[*+?"]) {
      expect([search, await slugs({ search })]).toEqual([search, expect.any(Array)]);
    }
    expect(await slugs({ search: ".*" })).toEqual([]);
  });

  it("holds together with others", async () => {
    expect(await slugs({ categorySlug: "home", inStock: true, search: "mug" })).toEqual(
      sorted(({ name }, i) => i % 3 !== 2 && i % 5 !== 0 && /mug/i.test(name)),
    );
  });
});

describe("a list refuses", () => {
  const foreign = Buffer.from(JSON.stringify({ sort: "NAME", value: 7, id: "x" })).toString("base64url");
  const named = Buffer.from(
    JSON.stringify({ sort: "NEWEST", id: "0192f7a0-0000-7000-8000-000000000000", $where: "1" }),
  ).toString("base64url");

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["a page larger than the largest", { first: 101 }, /`first` must be a number from 0 to 100/],
    ["a negative page", { last: -1 }, /`last` must be a number from 0 to 100/],
    ["a page from both ends", { first: 1, last: 1 }, /not both/],
    ["a cursor that is none", { after: "%%%" }, /`after` is not a cursor of this list/],
    ["a cursor of another shape", { before: foreign, sort: "NAME" }, /`before` is not a cursor/],
    ["a cursor with something more in it", { after: named }, /`after` is not a cursor/],
    ["a cursor of a megabyte", { after: "A".repeat(1_000_000) }, /`after` is not a cursor/],
    ["a search text that is too long", { filter: { search: "x".repeat(101) } }, /at most 100 characters/],
    ["a search of too many words", { filter: { search: "a b c d e f g h i" } }, /8 words/],
  ])("%s", async (_what, variables, message) => {
    const { errors } = await products.ask(undefined, PAGE, variables);
    expect(errors).toMatchObject([{ message: expect.stringMatching(message), extensions: { code: "BAD_USER_INPUT" } }]);
  });

  it("a cursor of another order", async () => {
    const { pageInfo } = await page({ first: 1, sort: "NAME" });
    const { errors } = await products.ask(undefined, PAGE, { after: pageInfo.endCursor, sort: "PRICE_LOW_TO_HIGH" });
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  });
});

it("a page of nothing has a total and no cursors", async () => {
  expect(await page({ first: 0 })).toEqual({
    totalCount: 11,
    edges: [],
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
  });
});

it("a locale that is none is refused and leaves the rest of the answer whole", async () => {
  const query = `query ($locale: String) { product(id: "${all[3]?.id}") { name priceRange { min { formatted(locale: $locale) } } } }`;
  for (const locale of ["", "not a locale", "x".repeat(500), "de_DE"]) {
    const { errors } = await products.ask(undefined, query, { locale });
    expect([locale, errors?.[0]?.extensions?.["code"]]).toEqual([locale, "BAD_USER_INPUT"]);
  }
});
