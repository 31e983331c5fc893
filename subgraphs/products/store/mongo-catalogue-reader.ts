import type { Db, Filter } from "mongodb";
import type { CatalogueReader } from "../domain/catalogue";
import type { Category, Product, ProductStatus } from "../domain/product";
import {
  categoriesOf,
  PRODUCT_PROJECTION,
  type ProductDocument,
  type ProductRow,
  productsOf,
  toCategory,
  toProduct,
} from "./documents";
import { positionOf, toFilter, toListQuery } from "./list-query";

/** The catalogue in MongoDB. Every query has an index (test/list-queries.test.ts explains each). */
export function createMongoCatalogueReader(db: Db): CatalogueReader {
  const products = productsOf(db);
  const categories = categoriesOf(db);

  const findProducts = async (
    filter: Filter<ProductDocument>,
    statuses: readonly ProductStatus[],
  ): Promise<Product[]> => {
    const rows = await products
      .find<ProductRow>({ $and: [filter, { status: { $in: [...statuses] } }] }, { projection: PRODUCT_PROJECTION })
      .toArray();
    return rows.map(toProduct);
  };
  /** By each key that leads to a product: one, or one of every variant. */
  const keyed = (found: readonly Product[], keysOf: (product: Product) => string[]): ReadonlyMap<string, Product> =>
    new Map(found.flatMap((product) => keysOf(product).map((key) => [key, product] as const)));

  return {
    productsByIds: async (ids, statuses) =>
      keyed(await findProducts({ _id: { $in: [...ids] } }, statuses), ({ id }) => [id]),
    productsBySlugs: async (slugs, statuses) =>
      keyed(await findProducts({ slug: { $in: [...slugs] } }, statuses), ({ slug }) => [slug]),
    byVariantIds: async (ids, statuses) =>
      keyed(await findProducts({ "variants.id": { $in: [...ids] } }, statuses), ({ variants }) =>
        variants.map(({ id }) => id),
      ),
    byVariantSkus: async (skus, statuses) =>
      keyed(await findProducts({ "variants.sku": { $in: [...skus] } }, statuses), ({ variants }) =>
        variants.map(({ sku }) => sku),
      ),
    list: async (filter, sort, slice) => {
      const query = toListQuery(filter, sort, slice);
      const rows = await products
        .find<ProductRow & Pick<ProductDocument, "sortName" | "minAmountMinor">>(query.filter, {
          projection: { ...PRODUCT_PROJECTION, sortName: 1, minAmountMinor: 1 },
        })
        .sort(query.sort)
        .limit(slice.limit + 1)
        .toArray();
      return rows.map(({ sortName, minAmountMinor, ...row }) => ({
        product: toProduct(row),
        position: positionOf({ _id: row._id, sortName, minAmountMinor }, sort),
      }));
    },
    count: (filter) => products.countDocuments(toFilter(filter)),

    categoriesByIds: async (ids) => {
      const rows = await categories.find({ _id: { $in: [...ids] } }).toArray();
      return new Map(rows.map((row) => [row._id, toCategory(row)]));
    },
    categoriesBySlugs: async (slugs) => {
      const rows = await categories.find({ slug: { $in: [...slugs] } }).toArray();
      return new Map(rows.map((row) => [row.slug, toCategory(row)]));
    },
    childrenOf: async (parentIds) => {
      const rows = await categories
        .find({ parentId: { $in: [...parentIds] } })
        .sort({ name: 1, _id: 1 })
        .toArray();
      const children = new Map<string | null, Category[]>(parentIds.map((id) => [id, []]));
      for (const row of rows) children.get(row.parentId)?.push(toCategory(row));
      return children;
    },
    subtree: async (slug) => {
      const root = await categories.findOne({ slug }, { projection: { _id: 1 } });
      if (!root) return [];
      const rows = await categories.find({ path: root._id }, { projection: { _id: 1 } }).toArray();
      return rows.map(({ _id }) => _id);
    },
  };
}
