import { type ConstDirectiveNode, type DocumentNode, Kind, visit } from "graphql";

/** A feature that the supergraph says must be understood by whoever serves it, and that nobody here does. */
export class UnsupportedFeatureError extends Error {
  override readonly name = "UnsupportedFeatureError";
}

const CONTEXT = "https://specs.apollo.dev/context";

/**
 * Features with a purpose that the libraries refuse and the gateway takes care of itself, by specification identity: the three access
 * rules are enforced from the full view (gateway/access), plans that use contexts are executed, and a cache tag changes no answer.
 */
const TAKEN_CARE_OF = new Set([
  CONTEXT,
  "https://specs.apollo.dev/authenticated",
  "https://specs.apollo.dev/requiresScopes",
  "https://specs.apollo.dev/policy",
  "https://specs.apollo.dev/cacheTag",
]);

/** Features that plan or execute differently: removing their purpose would serve wrong answers, so they stay refused, by name. */
const REFUSED: Readonly<Record<string, string>> = {
  "https://specs.apollo.dev/connect": "@connect (REST connectors)",
  "https://specs.apollo.dev/source": "@source (REST connectors)",
};

/** Of what the gateway takes care of, what @apollo/gateway would plan and then execute wrongly, by name. */
const NOT_BY_STOCK: Readonly<Record<string, string>> = {
  [CONTEXT]: "@context and @fromContext",
};

/**
 * The view of a supergraph that the query planner accepts: the same document without the `for:` argument on the `@link` (or `@core`)
 * applications of features the gateway takes care of. Only arguments of those directives on the schema definition are touched, so a
 * description that happens to contain the same text stays as it is.
 *
 * An unknown feature keeps its purpose, and with it its refusal: https://specs.apollo.dev/link/v1.0/#@link.for
 *
 * @throws UnsupportedFeatureError for features that would be served wrongly
 */
export function runtimeView(supergraph: DocumentNode): DocumentNode {
  const withoutPurposes = (directives: readonly ConstDirectiveNode[] | undefined) => directives?.map(withoutPurpose);
  return visit(supergraph, {
    SchemaDefinition: (node) => ({ ...node, directives: withoutPurposes(node.directives) }),
    SchemaExtension: (node) => ({ ...node, directives: withoutPurposes(node.directives) }),
  });
}

/** Names of features of the supergraph that @apollo/gateway must not execute, although it would load the runtime view. */
export function featuresBeyondStock(supergraph: DocumentNode): readonly string[] {
  const features = new Set<string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      const feature = NOT_BY_STOCK[featureIdentity(directive) ?? ""];
      if (feature !== undefined) features.add(feature);
    }
  }
  return [...features];
}

/** @throws UnsupportedFeatureError for what @apollo/gateway would execute wrongly */
export function requireStockFeatures(supergraph: DocumentNode): void {
  const features = featuresBeyondStock(supergraph);
  if (features.length === 0) return;
  throw new UnsupportedFeatureError(`The supergraph uses ${features.join(", ")}, which this gateway does not execute.`);
}

function withoutPurpose(directive: ConstDirectiveNode): ConstDirectiveNode {
  const identity = featureIdentity(directive);
  if (identity === undefined) return directive;
  const refused = REFUSED[identity];
  if (refused !== undefined) {
    throw new UnsupportedFeatureError(`The supergraph uses ${refused}, which this gateway does not execute.`);
  }
  if (!TAKEN_CARE_OF.has(identity)) return directive;
  return { ...directive, arguments: directive.arguments?.filter((argument) => argument.name.value !== "for") };
}

/** `https://specs.apollo.dev/policy` of `@link(url: "https://specs.apollo.dev/policy/v0.1")`; undefined for other directives. */
export function featureIdentity(directive: ConstDirectiveNode): string | undefined {
  // `feature` is how @core, the ancestor of @link, named the same argument.
  const url = directive.arguments?.find(({ name }) => name.value === "url" || name.value === "feature")?.value;
  if (url?.kind !== Kind.STRING) return undefined;
  return url.value.replace(/\/v\d+\.\d+\/?$/, "");
}
