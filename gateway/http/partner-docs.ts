import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLSchema } from "graphql";
import { DEMO_PARTNER, DEMO_PARTNER_TEST_KEY } from "../../schema/demo";
import { operationsFragment } from "../partners/docs-page/operations-fragment";
import type { Partner } from "../partners/keys/partner";
import type { OperationRegistry, RegisteredOperation } from "../partners/registry/operation-registry";
import { createRestCatalogue } from "../partners/rest/create-rest-catalogue";
import { partnerDocsPage } from "./pages/partner-docs-page";
import type { PartnerCall } from "./partner-call";
import { originOf, sendPage, sendText } from "./send-page";
import { VARY } from "./send-revalidated";

export interface PartnerDocs {
  /** `GET /partner/v1/docs`, for everybody. */
  page(req: IncomingMessage, res: ServerResponse): void;
  /** `GET /partner/v1/docs/operations`: what the page shows to who has a key. */
  operations(call: PartnerCall): void;
}

/** @param options.isDemo the operations of the demo shop's partner are shown to everybody, and its test key is */
export function createPartnerDocs(options: {
  registry: () => OperationRegistry;
  schema: () => GraphQLSchema;
  isDemo: boolean;
}): PartnerDocs {
  const { registry, schema, isDemo } = options;
  // Whoever calls an operation that does not fit is told, and so is the log.
  const catalogue = createRestCatalogue(() => undefined);
  const fragmentOf = (origin: string, slug: string, allowed: Partner["operations"]): string => {
    const apiSchema = schema();
    const isAllowed = ({ name }: RegisteredOperation) => allowed?.has(name) ?? true;
    const entries = catalogue(registry(), apiSchema, slug).filter(({ operation }) => isAllowed(operation));
    const others = registry().ofPartner(slug);
    const subscriptions = others.filter((operation) => operation.type === "subscription" && isAllowed(operation));
    return operationsFragment(origin, apiSchema, entries, subscriptions);
  };

  return {
    page: (req, res) => {
      const origin = originOf(req);
      const demo = isDemo
        ? { key: DEMO_PARTNER_TEST_KEY, operations: fragmentOf(origin, DEMO_PARTNER.slug, undefined) }
        : undefined;
      sendPage(req, res, 200, partnerDocsPage({ origin, demo }));
    },
    operations: ({ req, res, partner }) => {
      const html = fragmentOf(originOf(req), partner.slug, partner.operations);
      // Part of a page and never one: opened by itself it may do nothing.
      sendText(req, res, 200, html, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        vary: VARY,
      });
    },
  };
}
