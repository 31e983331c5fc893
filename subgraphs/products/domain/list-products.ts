import { badUserInput } from "../../../kit/errors";
import type { Viewer } from "../../../kit/viewer";
import { visibleStatuses } from "./access";
import type { CatalogueReader, ListedProduct, ProductFilter, ProductSlice, ProductSort } from "./catalogue";
import { wordsOf } from "./search-words";

export interface ProductQuery {
  readonly categorySlug?: string | null | undefined;
  readonly search?: string | null | undefined;
  readonly inStock?: boolean | null | undefined;
}

export interface ProductList {
  read(sort: ProductSort, slice: ProductSlice): Promise<readonly ListedProduct[]>;
  count(): Promise<number>;
}

export const MAX_SEARCH_LENGTH = 100;
const MAX_SEARCH_WORDS = 8;

/**
 * The list of products that fit a query and exist for the viewer.
 * @throws ClientError BAD_USER_INPUT when the search text is too long
 */
export async function listProducts(
  reader: CatalogueReader,
  viewer: Viewer,
  { categorySlug = null, search = null, inStock = null }: ProductQuery,
): Promise<ProductList> {
  const words = search === null ? null : wordsOf(search);
  if (words && ((search?.length ?? 0) > MAX_SEARCH_LENGTH || words.length > MAX_SEARCH_WORDS)) {
    throw badUserInput(`A search has at most ${MAX_SEARCH_LENGTH} characters and ${MAX_SEARCH_WORDS} words.`, [
      "filter",
      "search",
    ]);
  }
  const categoryIds = categorySlug === null ? null : await reader.subtree(categorySlug);
  // A text without any word, or a category that does not exist: nothing fits, and nothing needs to be asked.
  if (words?.length === 0 || categoryIds?.length === 0) return NOTHING;
  const filter: ProductFilter = {
    statuses: visibleStatuses(viewer),
    ...(words && { words }),
    ...(categoryIds && { categoryIds }),
    ...(inStock !== null && { inStock }),
  };
  return { read: (sort, slice) => reader.list(filter, sort, slice), count: () => reader.count(filter) };
}

const NOTHING: ProductList = { read: () => Promise.resolve([]), count: () => Promise.resolve(0) };
