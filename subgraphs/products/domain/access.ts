import { hasScope, type Viewer } from "../../../kit/viewer";
import { PRODUCT_STATUSES, type ProductStatus } from "./product";

export const WRITE_PRODUCTS = "products:write";

const PUBLIC: readonly ProductStatus[] = ["PUBLISHED"];

/** Which products exist for a caller: drafts and archived ones only for those who may edit them. */
export const visibleStatuses = (viewer: Viewer): readonly ProductStatus[] =>
  hasScope(viewer, WRITE_PRODUCTS) ? PRODUCT_STATUSES : PUBLIC;
