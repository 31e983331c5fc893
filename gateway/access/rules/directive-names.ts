import type { DocumentNode } from "graphql";
import { linkedDirectives } from "../../supergraph/linked-directives";

const SPECS = {
  authenticated: "https://specs.apollo.dev/authenticated",
  requiresScopes: "https://specs.apollo.dev/requiresScopes",
  policy: "https://specs.apollo.dev/policy",
} as const;

export type AccessDirective = keyof typeof SPECS;

/** Under which names a supergraph applies the three access directives; a rule that is missed is a hole (GHSA-g8jh-vg5j-4h3f). */
export const accessDirectiveNames = (document: DocumentNode): ReadonlyMap<string, AccessDirective> =>
  linkedDirectives(document, SPECS);
