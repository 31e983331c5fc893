import { buildSubgraph } from "../../../kit/subgraph/build-subgraph";
import { DateTime } from "../../../kit/subgraph/date-time";
import { EVENT_DIRECTIVE_SDL } from "../../../kit/subgraph/event-directive";
import { CategoryFields } from "./category-type";
import { findVariant } from "./find-variant";
import type { ProductsContext } from "./loaders";
import { ProductFields } from "./product-fields";
import { ProductMutations } from "./product-mutations";
import { ProductQueries } from "./product-queries";
import { ProductStreams } from "./product-streams";
import { VariantFields } from "./variant-fields";

/** The schema of the products subgraph; makes no connection. */
export const createSchema = () =>
  buildSubgraph({
    imports: ["@key", "@shareable", "@requiresScopes", "@composeDirective"],
    extraSdl: EVENT_DIRECTIVE_SDL,
    resolvers: [ProductQueries, ProductMutations, ProductStreams, ProductFields, VariantFields, CategoryFields],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    references: {
      Product: ({ id, slug }: { id?: string; slug?: string }, { loaders }: ProductsContext) =>
        id === undefined ? loaders.productBySlug(String(slug)) : loaders.productById(id),
      ProductVariant: ({ id, sku }: { id?: string; sku?: string }, { loaders }: ProductsContext) =>
        findVariant(loaders, id === undefined ? { sku: String(sku) } : { id }),
      Category: ({ id, slug }: { id?: string; slug?: string }, { loaders }: ProductsContext) =>
        id === undefined ? loaders.categoryBySlug(String(slug)) : loaders.categoryById(id),
    },
  });
