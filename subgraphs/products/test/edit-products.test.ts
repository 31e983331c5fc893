import type { Viewer } from "../../../kit/viewer";
import type { Product } from "../domain/product";
import { productsOf } from "../store/documents";
import { makeProduct, makeVariant, store, storeCategory } from "./make-product";
import { customer, type RunningProducts, staff, startProducts } from "./start-products";

let products: RunningProducts;
let categoryId: string;
let commits = 0;

beforeAll(async () => {
  products = await startProducts();
  products.onCommit = () => void commits++;
  categoryId = (await storeCategory(products.db, "home"))._id;
});
afterAll(() => products.close());

const ERROR = `... on Error { code message path }`;
const MUTATIONS = {
  createProduct: `mutation ($input: CreateProductInput!) { result: createProduct(input: $input) { __typename
    ... on CreateProductSuccess { product { id slug name status version category { slug } priceRange { max { formatted } }
      variants { sku title onHand reserved available price { amountMinor currency } options { name value } } } }
    ... on SlugTakenError { slug } ... on SkuTakenError { sku } ${ERROR} } }`,
  repriceVariant: `mutation ($input: RepriceVariantInput!) { result: repriceVariant(input: $input) { __typename
    ... on RepriceVariantSuccess { variant { price { amountMinor currency } product { version priceRange { min { amountMinor } } } } }
    ... on VersionConflictError { currentVersion } ${ERROR} } }`,
  setStock: `mutation ($input: SetStockInput!) { result: setStock(input: $input) { __typename
    ... on SetStockSuccess { variant { onHand reserved available product { version } } }
    ... on StockReservedError { reserved } ${ERROR} } }`,
  publishProduct: `mutation ($input: ChangeProductStatusInput!) { result: publishProduct(input: $input) { __typename
    ... on ChangeProductStatusSuccess { product { status version } }
    ... on VersionConflictError { currentVersion } ${ERROR} } }`,
  archiveProduct: `mutation ($input: ChangeProductStatusInput!) { result: archiveProduct(input: $input) { __typename
    ... on ChangeProductStatusSuccess { product { status version } } ${ERROR} } }`,
};
type Name = keyof typeof MUTATIONS;

const run = async (name: Name, input: unknown, viewer: Viewer = staff) =>
  (await products.data<{ result: Record<string, unknown> }>(viewer, MUTATIONS[name], { input })).result;
const stored = async (product: Product): Promise<Product> => {
  await store(products.db, product);
  return product;
};
const row = (id: string) => productsOf(products.db).findOne({ _id: id });

let count = 0;
const newProduct = (given: Record<string, unknown> = {}) => {
  count++;
  const { variant, ...rest } = given as { variant?: object };
  return {
    slug: `new-${count}`,
    name: "New",
    categoryId,
    variants: [
      {
        sku: `NEW-${count}`,
        title: "One",
        price: { amountMinor: 1_999, currency: "EUR" },
        weightGrams: 10,
        ...variant,
      },
    ],
    ...rest,
  };
};

const UNKNOWN = "0192f7a0-0000-7000-8000-000000000000";

describe.each<[Name, () => Promise<unknown>]>([
  ["createProduct", async () => newProduct()],
  ["repriceVariant", async () => ({ variantId: UNKNOWN, price: { amountMinor: 1, currency: "EUR" } })],
  ["setStock", async () => ({ variantId: UNKNOWN, onHand: 1 })],
  ["publishProduct", async () => ({ productId: UNKNOWN })],
  ["archiveProduct", async () => ({ productId: UNKNOWN })],
])("%s", (name, input) => {
  it("is refused to everyone without the scope, before anything is looked at", async () => {
    for (const [viewer, code] of [
      [undefined, "UNAUTHENTICATED"],
      [customer, "FORBIDDEN"],
    ] as const) {
      const variables = { input: await input() };
      const commands = await products.commandsDuring(async () => {
        const { data, errors } = await products.ask(viewer, MUTATIONS[name], variables);
        expect(data).toBeNull();
        expect(errors?.[0]?.extensions?.["code"]).toBe(code);
      });
      expect(commands).toEqual([]);
    }
  });
});

describe("creating a product", () => {
  it("makes a draft, and tells of it in the same write", async () => {
    const before = commits;
    const input = newProduct({
      name: "  Mug ",
      variant: {
        title: " Big ",
        options: [{ name: "size", value: "big" }],
        onHand: 3,
        price: { amountMinor: 1_999, currency: "GBP" },
      },
    });
    const result = await run("createProduct", input);
    expect(result).toEqual({
      __typename: "CreateProductSuccess",
      product: {
        id: expect.any(String),
        slug: input.slug,
        name: "Mug",
        status: "DRAFT",
        version: 1,
        category: { slug: "home" },
        priceRange: { max: { formatted: "£19.99" } },
        variants: [
          {
            sku: `NEW-${count}`,
            title: "Big",
            onHand: 3,
            reserved: 0,
            available: 3,
            price: { amountMinor: 1_999, currency: "GBP" },
            options: [{ name: "size", value: "big" }],
          },
        ],
      },
    });
    const { id } = result["product"] as { id: string };
    expect((await row(id))?.outbox).toMatchObject([
      {
        type: "products.product.created.v1",
        source: "/products",
        subject: id,
        data: { productId: id, slug: input.slug },
        requestId: expect.any(String),
        traceparent: expect.any(String),
      },
    ]);
    expect(commits).toBe(before + 1);
    expect(await products.data(customer, `{ product(id: "${id}") { id } }`)).toEqual({ product: null });
  });

  it("publishes at once when asked to", async () => {
    const input = newProduct({ publish: true });
    await run("createProduct", input);
    expect(await products.data(undefined, `{ product(slug: "${input.slug}") { status } }`)).toEqual({
      product: { status: "PUBLISHED" },
    });
  });

  it("refuses a slug and a SKU that are taken, and writes nothing", async () => {
    const first = newProduct();
    await run("createProduct", first);
    const rows = await productsOf(products.db).countDocuments({});
    expect(await run("createProduct", newProduct({ slug: first.slug }))).toMatchObject({
      __typename: "SlugTakenError",
      code: "SLUG_TAKEN",
      slug: first.slug,
      path: ["input", "slug"],
    });
    const sku = first.variants[0]?.sku;
    const two = newProduct();
    two.variants.push({ ...two.variants[0]!, sku: sku ?? "" });
    expect(await run("createProduct", two)).toMatchObject({
      __typename: "SkuTakenError",
      code: "SKU_TAKEN",
      sku,
      path: ["input", "variants", "1", "sku"],
    });
    expect(await productsOf(products.db).countDocuments({})).toBe(rows);
  });

  it("lets one of several simultaneous requests have the slug", async () => {
    const inputs = Array.from({ length: 8 }, () => newProduct({ slug: `contested` }));
    const results = await Promise.all(inputs.map((input) => run("createProduct", input)));
    expect(results.filter((result) => result["__typename"] === "CreateProductSuccess")).toHaveLength(1);
    expect(results.filter((result) => result["__typename"] === "SlugTakenError")).toHaveLength(7);
  });

  it("answers the same product for the same idempotency key, however often and at once it is sent", async () => {
    const input = newProduct({ idempotencyKey: "key-1" });
    const results = await Promise.all(Array.from({ length: 6 }, () => run("createProduct", input)));
    const ids = new Set(results.map((result) => (result["product"] as { id: string } | undefined)?.id));
    expect([...ids]).toEqual([expect.any(String)]);
    expect(await run("createProduct", newProduct({ idempotencyKey: "key-1" }))).toMatchObject({
      code: "IDEMPOTENCY_CONFLICT",
      path: ["input", "idempotencyKey"],
    });
    const other = { ...staff, subject: "someone else" };
    expect(await run("createProduct", newProduct({ idempotencyKey: "key-1" }), other)).toMatchObject({
      __typename: "CreateProductSuccess",
    });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    [
      "a negative price",
      { variant: { price: { amountMinor: -1, currency: "EUR" } } },
      ["variants", "0", "price", "amountMinor"],
    ],
    [
      "a huge price",
      { variant: { price: { amountMinor: 100_000_001, currency: "EUR" } } },
      ["variants", "0", "price", "amountMinor"],
    ],
    ["negative units", { variant: { onHand: -1 } }, ["variants", "0", "onHand"]],
    ["too many units", { variant: { onHand: 2_000_000 } }, ["variants", "0", "onHand"]],
    ["a negative weight", { variant: { weightGrams: -5 } }, ["variants", "0", "weightGrams"]],
    ["a SKU with small letters", { variant: { sku: "mug" } }, ["variants", "0", "sku"]],
    ["an option without a name", { variant: { options: [{ name: " ", value: "x" }] } }, ["variants", "0", "options"]],
    ["a title of two lines", { variant: { title: "a\nb" } }, ["variants", "0", "title"]],
    ["no variants", { variants: [] }, ["variants"]],
    ["a slug with blanks", { slug: "a b" }, ["slug"]],
    ["a slug of 81 letters", { slug: "a".repeat(81) }, ["slug"]],
    ["an empty name", { name: "  " }, ["name"]],
    ["a name with a zero byte", { name: "a\u0000b" }, ["name"]],
    ["an endless description", { description: "x".repeat(5_001) }, ["description"]],
    ["an idempotency key with blanks", { idempotencyKey: "a b" }, ["idempotencyKey"]],
  ])("refuses %s, naming the place", async (_what, given, path) => {
    const result = await run("createProduct", newProduct(given));
    expect(result).toMatchObject({ __typename: "InvalidInputError", code: "INVALID_INPUT", path: ["input", ...path] });
  });

  it("refuses the same SKU twice and two currencies in one product", async () => {
    const twice = newProduct();
    twice.variants.push({ ...twice.variants[0]! });
    expect(await run("createProduct", twice)).toMatchObject({ path: ["input", "variants", "1", "sku"] });
    const mixed = newProduct();
    mixed.variants.push({ ...mixed.variants[0]!, sku: "MIXED-1", price: { amountMinor: 1, currency: "USD" } });
    expect(await run("createProduct", mixed)).toMatchObject({ path: ["input", "variants", "1", "price", "currency"] });
  });

  it("refuses a category that does not exist", async () => {
    for (const id of [UNKNOWN, "nonsense", ""]) {
      expect(await run("createProduct", newProduct({ categoryId: id }))).toMatchObject({
        __typename: "CategoryNotFoundError",
        path: ["input", "categoryId"],
      });
    }
  });

  it("refuses variables that are no such input", async () => {
    for (const input of [
      newProduct({ surprise: 1 }),
      newProduct({ name: 7 }),
      { slug: "x" },
      null,
      newProduct({ variant: { onHand: 3e9 } }),
    ]) {
      const { data, errors } = await products.ask(staff, MUTATIONS.createProduct, { input });
      expect(data).toBeUndefined();
      expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    }
  });
});

describe("repricing a variant", () => {
  const price = (amountMinor: number, currency = "EUR") => ({ amountMinor, currency });

  it("changes the price, the version and the list's lowest price, and tells of it in the same write", async () => {
    const product = await stored(makeProduct({ categoryId, variants: [makeVariant(), makeVariant()] }));
    const variantId = product.variants[1]?.id;
    expect(await run("repriceVariant", { variantId, price: price(500), expectedVersion: 1 })).toEqual({
      __typename: "RepriceVariantSuccess",
      variant: { price: price(500), product: { version: 2, priceRange: { min: { amountMinor: 500 } } } },
    });
    const after = await row(product.id);
    expect(after?.minAmountMinor).toBe(500);
    expect(after?.variants[0]?.price).toEqual(price(1_000));
    expect(after?.outbox).toMatchObject([
      {
        type: "products.variant.repriced.v1",
        subject: product.id,
        data: { productId: product.id, variantId, oldPrice: price(1_000), newPrice: price(500) },
      },
    ]);
    await run("repriceVariant", { variantId, price: price(3_000) });
    expect((await row(product.id))?.minAmountMinor).toBe(1_000);
  });

  it("to the price it has changes and tells nothing", async () => {
    const product = await stored(makeProduct({ categoryId }));
    const result = await run("repriceVariant", { variantId: product.variants[0]?.id, price: price(1_000) });
    expect(result).toMatchObject({ variant: { product: { version: 1 } } });
    expect((await row(product.id))?.outbox).toEqual([]);
  });

  it("is refused when someone else was faster", async () => {
    const product = await stored(makeProduct({ categoryId }));
    const variantId = product.variants[0]?.id;
    const results = await Promise.all(
      [100, 200, 300, 400].map((amount) =>
        run("repriceVariant", { variantId, price: price(amount), expectedVersion: 1 }),
      ),
    );
    expect(results.filter((result) => result["__typename"] === "RepriceVariantSuccess")).toHaveLength(1);
    for (const result of results.filter((each) => each["__typename"] !== "RepriceVariantSuccess")) {
      expect(result).toMatchObject({ __typename: "VersionConflictError", code: "VERSION_CONFLICT", currentVersion: 2 });
    }
    expect((await row(product.id))?.outbox).toHaveLength(1);
  });

  it("of two variants at once keeps both prices, and both events in order", async () => {
    const product = await stored(makeProduct({ categoryId, variants: [makeVariant(), makeVariant()] }));
    const results = await Promise.all(
      product.variants.map(({ id: variantId }, i) => run("repriceVariant", { variantId, price: price(100 + i) })),
    );
    expect(results.map((result) => result["__typename"])).toEqual(["RepriceVariantSuccess", "RepriceVariantSuccess"]);
    const after = await row(product.id);
    expect(after?.variants.map((variant) => variant.price.amountMinor)).toEqual([100, 101]);
    expect(after).toMatchObject({ version: 3, minAmountMinor: 100 });
    expect(after?.outbox).toHaveLength(2);
  });

  it.each([
    ["a negative price", { price: price(-1) }, { code: "INVALID_INPUT", path: ["input", "price", "amountMinor"] }],
    ["a huge price", { price: price(100_000_001) }, { code: "INVALID_INPUT", path: ["input", "price", "amountMinor"] }],
    [
      "another currency than the rest",
      { price: price(1, "USD") },
      { code: "INVALID_INPUT", path: ["input", "price", "currency"] },
    ],
    ["an unknown variant", { variantId: UNKNOWN, price: price(1) }, { code: "VARIANT_NOT_FOUND" }],
    ["an id that is none", { variantId: "x", price: price(1) }, { code: "VARIANT_NOT_FOUND" }],
  ])("refuses %s", async (_what, given, refusal) => {
    const product = await stored(makeProduct({ categoryId, variants: [makeVariant(), makeVariant()] }));
    expect(await run("repriceVariant", { variantId: product.variants[0]?.id, ...given })).toMatchObject(refusal);
    expect(await row(product.id)).toMatchObject({ version: 1, outbox: [] });
  });

  it("refuses a price that is no 32-bit integer", async () => {
    for (const amountMinor of [2 ** 31, 1.5, "1", Number.MAX_SAFE_INTEGER]) {
      const input = { variantId: UNKNOWN, price: { amountMinor, currency: "EUR" } };
      const { errors } = await products.ask(staff, MUTATIONS.repriceVariant, { input });
      expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    }
  });
});

describe("setting stock", () => {
  it("moves what is available with what is on hand, and leaves the version", async () => {
    const product = await stored(makeProduct({ categoryId, variants: [makeVariant({ onHand: 10, reserved: 4 })] }));
    const variantId = product.variants[0]?.id;
    expect(await run("setStock", { variantId, onHand: 25 })).toEqual({
      __typename: "SetStockSuccess",
      variant: { onHand: 25, reserved: 4, available: 21, product: { version: 1 } },
    });
    expect(await run("setStock", { variantId, onHand: 4 })).toMatchObject({ variant: { onHand: 4, available: 0 } });
    const events = (await row(product.id))?.outbox ?? [];
    expect(events.map(({ type, data }) => ({ type, ...(data as object) }))).toMatchObject([
      { type: "products.stock.changed.v1", variantId, availableBefore: 6, available: 21 },
      { type: "products.stock.changed.v1", variantId, availableBefore: 21, available: 0 },
    ]);
  });

  it("never goes below what is reserved", async () => {
    const product = await stored(makeProduct({ categoryId, variants: [makeVariant({ onHand: 10, reserved: 4 })] }));
    const variantId = product.variants[0]?.id;
    expect(await run("setStock", { variantId, onHand: 3 })).toMatchObject({
      __typename: "StockReservedError",
      code: "STOCK_RESERVED",
      reserved: 4,
      path: ["input", "onHand"],
    });
    expect((await row(product.id))?.variants[0]).toMatchObject({ onHand: 10, reserved: 4, available: 6 });
  });

  it("by several people at once ends with the number of one of them, and sums that fit", async () => {
    const product = await stored(makeProduct({ categoryId, variants: [makeVariant({ onHand: 10, reserved: 2 })] }));
    const wanted = [5, 50, 500];
    await Promise.all(wanted.map((onHand) => run("setStock", { variantId: product.variants[0]?.id, onHand })));
    const [variant] = (await row(product.id))?.variants ?? [];
    expect(wanted).toContain(variant?.onHand);
    expect(variant).toMatchObject({ reserved: 2, available: (variant?.onHand ?? 0) - 2 });
  });

  it.each([
    ["negative units", { onHand: -1 }, "INVALID_INPUT"],
    ["too many units", { onHand: 1_000_001 }, "INVALID_INPUT"],
    ["an unknown variant", { variantId: UNKNOWN, onHand: 1 }, "VARIANT_NOT_FOUND"],
  ])("refuses %s", async (_what, given, code) => {
    const product = await stored(makeProduct({ categoryId }));
    expect(await run("setStock", { variantId: product.variants[0]?.id, ...given })).toMatchObject({ code });
  });
});

describe("publishing and archiving", () => {
  it("puts a product up for sale and takes it out again", async () => {
    const { id } = await stored(makeProduct({ categoryId, status: "DRAFT" }));
    const seen = () => products.data(customer, `{ product(id: "${id}") { status } }`);
    expect(await run("publishProduct", { productId: id, expectedVersion: 1 })).toMatchObject({
      product: { status: "PUBLISHED", version: 2 },
    });
    expect(await seen()).toEqual({ product: { status: "PUBLISHED" } });
    expect(await run("publishProduct", { productId: id })).toMatchObject({ product: { version: 2 } });
    expect(await run("archiveProduct", { productId: id })).toMatchObject({
      product: { status: "ARCHIVED", version: 3 },
    });
    expect(await seen()).toEqual({ product: null });
  });

  it("refuses an unknown product and an old version", async () => {
    for (const productId of [UNKNOWN, "x"]) {
      expect(await run("publishProduct", { productId })).toMatchObject({ code: "PRODUCT_NOT_FOUND" });
    }
    const { id } = await stored(makeProduct({ categoryId, status: "DRAFT", version: 4 }));
    expect(await run("publishProduct", { productId: id, expectedVersion: 3 })).toMatchObject({
      __typename: "VersionConflictError",
      currentVersion: 4,
    });
  });
});
