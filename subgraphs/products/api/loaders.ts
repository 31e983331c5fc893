import DataLoader from "dataloader";
import { isId } from "../../../kit/ids";
import type { SubgraphContext } from "../../../kit/subgraph/subgraph-context";
import type { Viewer } from "../../../kit/viewer";
import { visibleStatuses } from "../domain/access";
import type { CatalogueReader, ProductStore } from "../domain/catalogue";
import { changeStatus, type ChangeStatusInput } from "../domain/change-status";
import { createProduct } from "../domain/create-product";
import { listProducts, type ProductList, type ProductQuery } from "../domain/list-products";
import type { Origin } from "../domain/origin";
import type { Category, Product, ProductStatus } from "../domain/product";
import { isSku, isSlug, type NewProductInput } from "../domain/product-rules";
import type {
  ChangeStatusRefusal,
  CreateProductRefusal,
  RepriceVariantRefusal,
  SetStockRefusal,
} from "../domain/refusals";
import { repriceVariant, type RepriceVariantInput } from "../domain/reprice-variant";
import { setStock, type SetStockInput } from "../domain/set-stock";

export type ProductsContext = SubgraphContext<ProductsLoaders>;

/** All that resolvers of one request can do, bound to who asks. A variant comes as the product it belongs to. */
export interface ProductsLoaders {
  productById(id: string): Promise<Product | null>;
  productBySlug(slug: string): Promise<Product | null>;
  productOfVariant(variantId: string): Promise<Product | null>;
  productOfSku(sku: string): Promise<Product | null>;
  categoryById(id: string): Promise<Category | null>;
  categoryBySlug(slug: string): Promise<Category | null>;
  /** `null` for the top of the tree. */
  childrenOf(categoryId: string | null): Promise<readonly Category[]>;
  listProducts(query: ProductQuery): Promise<ProductList>;
  createProduct(input: NewProductInput, origin: Origin): Promise<Product | CreateProductRefusal>;
  repriceVariant(input: RepriceVariantInput, origin: Origin): Promise<Product | RepriceVariantRefusal>;
  setStock(input: SetStockInput, origin: Origin): Promise<Product | SetStockRefusal>;
  changeStatus(input: ChangeStatusInput, status: ProductStatus): Promise<Product | ChangeStatusRefusal>;
}

export interface ProductsPorts {
  readonly reader: CatalogueReader;
  readonly store: ProductStore;
  readonly now: () => Date;
}

/** The top of the tree as a key: a DataLoader takes no null. */
const TOP = "";

/** However many products, variants or categories one request names: each kind of key is one query. */
export function createLoaders(ports: ProductsPorts, viewer: Viewer): ProductsLoaders {
  const { reader } = ports;
  const statuses = visibleStatuses(viewer);

  /** Keys that none of ours can be are not asked for. */
  const batched = <Value>(
    isPossible: (key: string) => boolean,
    find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  ) => {
    const loader = new DataLoader<string, Value | null>(async (keys) => {
      const possible = keys.filter(isPossible);
      const found = possible.length > 0 ? await find(possible) : new Map<string, Value>();
      return keys.map((key) => found.get(key) ?? null);
    });
    return (key: string) => loader.load(key);
  };
  const children = new DataLoader<string, readonly Category[]>(async (keys) => {
    const parentIds = keys.map((key) => (key === TOP ? null : key));
    const found = await reader.childrenOf(parentIds);
    return parentIds.map((id) => found.get(id) ?? []);
  });

  return {
    productById: batched(isId, (ids) => reader.productsByIds(ids, statuses)),
    productBySlug: batched(isSlug, (slugs) => reader.productsBySlugs(slugs, statuses)),
    productOfVariant: batched(isId, (ids) => reader.byVariantIds(ids, statuses)),
    productOfSku: batched(isSku, (skus) => reader.byVariantSkus(skus, statuses)),
    categoryById: batched(isId, (ids) => reader.categoriesByIds(ids)),
    categoryBySlug: batched(isSlug, (slugs) => reader.categoriesBySlugs(slugs)),
    childrenOf: (categoryId) => children.load(categoryId ?? TOP),
    listProducts: (query) => listProducts(reader, viewer, query),
    createProduct: (input, origin) => createProduct(ports, viewer, input, origin),
    repriceVariant: (input, origin) => repriceVariant(ports, viewer, input, origin),
    setStock: (input, origin) => setStock(ports, viewer, input, origin),
    changeStatus: (input, status) => changeStatus(ports, viewer, input, status),
  };
}
