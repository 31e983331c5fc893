import type { CommandStartedEvent } from "mongodb";
import type { CategoryDocument } from "../store/documents";
import { makeProduct, makeVariant, store, storeCategory } from "./make-product";
import { type RunningProducts, startProducts } from "./start-products";

let products: RunningProducts;
beforeAll(async () => {
  products = await startProducts();
});
afterAll(() => products.close());

const reads = (commands: readonly CommandStartedEvent[]) =>
  commands
    .filter(({ commandName }) => ["find", "aggregate", "count", "getMore"].includes(commandName))
    .map(({ command }) => String(command["find"] ?? command["aggregate"] ?? command["count"] ?? "more"));

const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) {
  ... on Product { slug category { name } } ... on ProductVariant { sku product { slug category { name } } } ... on Category { name } } }`;

let filled = 0;
async function fill(count: number) {
  filled++;
  const categories: CategoryDocument[] = [];
  for (let i = 0; i < 3; i++) categories.push(await storeCategory(products.db, `c${filled}-${i}`));
  const made = Array.from({ length: count }, (_, i) =>
    makeProduct({ categoryId: categories[i % 3]?._id ?? "", variants: [makeVariant(), makeVariant()] }),
  );
  await store(products.db, ...made);
  return { made, categories };
}

it.each([
  ["Product", "id"],
  ["Product", "slug"],
  ["ProductVariant", "id"],
  ["ProductVariant", "sku"],
] as const)(
  "references to a %s by %s are one query, and the categories behind them another one",
  async (__typename, key) => {
    const { made } = await fill(20);
    const things = __typename === "Product" ? made : made.flatMap(({ variants }) => variants);
    const of = things.map((thing) => ({ __typename, [key]: (thing as unknown as Record<string, string>)[key] }));
    let answer: { _entities: Record<string, unknown>[] } | undefined;
    const commands = await products.commandsDuring(async () => {
      answer = await products.data(undefined, ENTITIES, { of });
    });
    expect(answer?._entities).toHaveLength(things.length);
    expect(answer?._entities[0]).toMatchObject(
      __typename === "Product" ? { slug: made[0]?.slug } : { product: { slug: made[0]?.slug } },
    );
    expect(answer?._entities.every(Boolean)).toBe(true);
    expect(reads(commands)).toEqual(["products", "categories"]);
  },
);

it.each(["id", "slug"] as const)("references to categories by %s are one query", async (key) => {
  const { categories } = await fill(3);
  const of = categories.map(({ _id: id, slug }) => ({ __typename: "Category", ...(key === "id" ? { id } : { slug }) }));
  const commands = await products.commandsDuring(async () => {
    expect(await products.data(undefined, ENTITIES, { of })).toEqual({
      _entities: categories.map(({ name }) => ({ name })),
    });
  });
  expect(reads(commands)).toEqual(["categories"]);
});

it("references of every kind in one request are one query for each kind of key", async () => {
  const { made, categories } = await fill(12);
  const of = made.flatMap(({ id, slug, variants }) => [
    { __typename: "Product", id },
    { __typename: "Product", slug },
    { __typename: "ProductVariant", id: variants[0]?.id },
    { __typename: "ProductVariant", sku: variants[1]?.sku },
  ]);
  of.push({ __typename: "Category", slug: categories[0]?.slug ?? "" });
  const commands = await products.commandsDuring(() => products.data(undefined, ENTITIES, { of }));
  const seen = reads(commands).sort();
  expect(seen).toEqual(["categories", "categories", "products", "products", "products", "products"]);
});

it("a reference to something that does not exist, or that is no key, is null and harms no other", async () => {
  const { made } = await fill(1);
  const of = [
    { __typename: "Product", id: "0192f7a0-0000-7000-8000-000000000000" },
    { __typename: "Product", id: "nonsense" },
    { __typename: "Product", slug: "no slug" },
    { __typename: "ProductVariant", sku: "$ne" },
    { __typename: "ProductVariant", id: { $ne: null } },
    { __typename: "Product", id: made[0]?.id },
  ];
  const { _entities } = await products.data<{ _entities: unknown[] }>(undefined, ENTITIES, { of });
  expect(_entities.slice(0, 5)).toEqual([null, null, null, null, null]);
  expect(_entities[5]).toMatchObject({ slug: made[0]?.slug });
});

it("a list of products with their categories, variants and products again is two queries, and a count when asked for", async () => {
  await fill(30);
  const list = `nodes { category { name parent { name } } variants { product { slug } } }`;
  const plain = await products.commandsDuring(() => products.data(undefined, `{ products(first: 30) { ${list} } }`));
  expect(reads(plain)).toEqual(["products", "categories"]);
  const counted = await products.commandsDuring(() =>
    products.data(undefined, `{ products(first: 30) { totalCount ${list} } }`),
  );
  expect(reads(counted).sort()).toEqual(["categories", "products", "products"]);
});

it("refuses a request without the gateway's signature", async () => {
  const response = await fetch(`http://127.0.0.1:${products.port}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ categories { id } }" }),
  });
  expect(response.status).toBe(401);
});
