import type { Viewer } from "../../../kit/viewer";
import type { Product } from "../domain/product";
import type { CategoryDocument } from "../store/documents";
import { makeProduct, makeVariant, store, storeCategory } from "./make-product";
import { customer, type RunningProducts, staff, startProducts } from "./start-products";

let products: RunningProducts;
let mug: Product;
let draft: Product;
let archived: Product;
let home: CategoryDocument;
let cups: CategoryDocument;

beforeAll(async () => {
  products = await startProducts();
  home = await storeCategory(products.db, "home", undefined, "Home");
  cups = await storeCategory(products.db, "cups", home, "Cups");
  await storeCategory(products.db, "bowls", home, "Bowls");
  await storeCategory(products.db, "art", undefined, "Art");
  const options = [{ name: "volume", value: "350 ml" }];
  const dear = makeVariant({ price: { amountMinor: 2_550, currency: "EUR" }, onHand: 0, options });
  mug = makeProduct({
    slug: "mug",
    name: "Mug",
    description: "For tea.",
    categoryId: cups._id,
    createdAt: new Date("2026-03-04T05:06:07.000Z"),
    variants: [makeVariant({ sku: "MUG-1", onHand: 7, reserved: 3, weightGrams: 300 }), { ...dear, sku: "MUG-2" }],
  });
  draft = makeProduct({ slug: "secret", status: "DRAFT", categoryId: cups._id });
  archived = makeProduct({ slug: "old", status: "ARCHIVED", categoryId: cups._id });
  await store(products.db, mug, draft, archived);
});
afterAll(() => products.close());

const WHOLE = `{ id slug name description status createdAt version
  category { slug parent { slug } }
  priceRange { min { amountMinor currency } max { amountMinor formatted(locale: "de-DE") } }
  variants { id sku title options { name value } price { formatted } available inStock weightGrams product { slug } } }`;

describe("a product", () => {
  it.each([
    ["its id", () => `id: "${mug.id}"`],
    ["its slug", () => `slug: "mug"`],
  ])("is found by %s, with all that it is made of", async (_key, argument) => {
    expect(await products.data(undefined, `{ product(${argument()}) ${WHOLE} }`)).toEqual({
      product: {
        id: mug.id,
        slug: "mug",
        name: "Mug",
        description: "For tea.",
        status: "PUBLISHED",
        createdAt: "2026-03-04T05:06:07.000Z",
        version: 1,
        category: { slug: "cups", parent: { slug: "home" } },
        priceRange: {
          min: { amountMinor: 1_000, currency: "EUR" },
          max: { amountMinor: 2_550, formatted: "25,50\u00a0€" },
        },
        variants: [
          {
            id: mug.variants[0]?.id,
            sku: "MUG-1",
            title: mug.variants[0]?.title,
            options: [],
            price: { formatted: "€10.00" },
            available: 4,
            inStock: true,
            weightGrams: 300,
            product: { slug: "mug" },
          },
          {
            id: mug.variants[1]?.id,
            sku: "MUG-2",
            title: mug.variants[1]?.title,
            options: [{ name: "volume", value: "350 ml" }],
            price: { formatted: "€25.50" },
            available: 0,
            inStock: false,
            weightGrams: 100,
            product: { slug: "mug" },
          },
        ],
      },
    });
  });

  it("that nobody knows is null, whatever the key looks like", async () => {
    const query = `query ($id: ID, $slug: String) { product(id: $id, slug: $slug) { id } }`;
    for (const id of ["0192f7a0-0000-7000-8000-000000000000", "", "1", "$where", "x".repeat(10_000)]) {
      expect(await products.data(undefined, query, { id })).toEqual({ product: null });
    }
    for (const slug of ["nothing", "", "No Slug", "__proto__", "ä".repeat(500)]) {
      expect(await products.data(undefined, query, { slug })).toEqual({ product: null });
    }
  });

  it.each(["", `(id: "1", slug: "mug")`, "(id: null)"])("asked for with %j is refused", async (args) => {
    const { data, errors } = await products.ask(undefined, `{ product${args} { id } }`);
    expect(data).toEqual({ product: null });
    expect(errors).toMatchObject([
      { message: "Give exactly one of `id` and `slug`.", extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it.each<[string, () => Viewer, number]>([
    ["an anonymous caller", () => undefined, 1],
    ["a customer", () => customer, 1],
    ["staff", () => staff, 3],
  ])("is seen by %s only in the right status, by every way to it", async (_who, viewer, seen) => {
    const query = `query ($draft: ID!, $variant: ID!, $sku: String!) {
      byId: product(id: $draft) { id } bySlug: product(slug: "old") { id }
      variant: productVariant(id: $variant) { id } sku: productVariant(sku: $sku) { id }
      entities: _entities(representations: [{ __typename: "Product", id: $draft }, { __typename: "Product", slug: "old" },
        { __typename: "ProductVariant", id: $variant }, { __typename: "ProductVariant", sku: $sku }]) { __typename }
      list: products { totalCount nodes { slug } }
    }`;
    const data = await products.data<Record<string, unknown>>(viewer(), query, {
      draft: draft.id,
      variant: draft.variants[0]?.id,
      sku: archived.variants[0]?.sku,
    });
    const all = seen === 3;
    expect(data).toEqual({
      byId: all ? { id: draft.id } : null,
      bySlug: all ? { id: archived.id } : null,
      variant: all ? { id: draft.variants[0]?.id } : null,
      sku: all ? { id: archived.variants[0]?.id } : null,
      entities: all
        ? [
            { __typename: "Product" },
            { __typename: "Product" },
            { __typename: "ProductVariant" },
            { __typename: "ProductVariant" },
          ]
        : [null, null, null, null],
      list: {
        totalCount: seen,
        nodes: all ? [{ slug: "old" }, { slug: "secret" }, { slug: "mug" }] : [{ slug: "mug" }],
      },
    });
  });
});

describe("a variant", () => {
  it("is found by its id and by its SKU", async () => {
    const query = `query ($id: ID) {
      byId: productVariant(id: $id) { sku product { slug } } bySku: productVariant(sku: "MUG-2") { sku product { slug } } }`;
    expect(await products.data(undefined, query, { id: mug.variants[0]?.id })).toEqual({
      byId: { sku: "MUG-1", product: { slug: "mug" } },
      bySku: { sku: "MUG-2", product: { slug: "mug" } },
    });
  });

  it("shows what is on hand and what is reserved to staff alone", async () => {
    const query = `{ productVariant(sku: "MUG-1") { available onHand reserved } }`;
    expect(await products.data(staff, query)).toEqual({ productVariant: { available: 4, onHand: 7, reserved: 3 } });
    for (const [viewer, code] of [
      [undefined, "UNAUTHENTICATED"],
      [customer, "FORBIDDEN"],
    ] as const) {
      const { data, errors } = await products.ask(viewer, query);
      expect(data).toEqual({ productVariant: { available: 4, onHand: null, reserved: null } });
      expect(errors?.map(({ extensions }) => extensions?.["code"])).toEqual([code, code]);
    }
  });
});

describe("categories", () => {
  it("are a tree, each level by name", async () => {
    expect(
      await products.data(undefined, `{ categories { name children { name parent { name } children { name } } } }`),
    ).toEqual({
      categories: [
        { name: "Art", children: [] },
        {
          name: "Home",
          children: [
            { name: "Bowls", parent: { name: "Home" }, children: [] },
            { name: "Cups", parent: { name: "Home" }, children: [] },
          ],
        },
      ],
    });
  });

  it("are found by id and by slug, and null when there is none", async () => {
    const query = `query ($id: ID) {
      byId: category(id: $id) { slug } bySlug: category(slug: "home") { id } none: category(slug: "none") { id } }`;
    expect(await products.data(undefined, query, { id: cups._id })).toEqual({
      byId: { slug: "cups" },
      bySlug: { id: home._id },
      none: null,
    });
  });
});

it("nothing of the outbox, of reservations or of idempotency is part of the schema", async () => {
  const { __schema } = await products.data<{
    __schema: { types: { name: string; fields: { name: string }[] | null }[] };
  }>(undefined, `{ __schema { types { name fields { name } } } }`);
  const fields = __schema.types.filter(({ name }) => !name.startsWith("__")).flatMap((type) => type.fields ?? []);
  const names = new Set(fields.map(({ name }) => name));
  expect(names.has("variants")).toBe(true);
  for (const inner of ["outbox", "reservedFor", "reservations", "creation", "words", "sortName", "_id"]) {
    expect(names.has(inner)).toBe(false);
  }
});
