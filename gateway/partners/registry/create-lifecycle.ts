import type { GraphQLSchema } from "graphql";
import { parseRestPath, type RestBinding } from "../../../schema/rest-path";
import { addLink, type Call, type CheckCall, keeping } from "../calls/call";
import { deprecatedUses } from "./check-against-graph";
import type { OperationRegistry, RegisteredOperation } from "./operation-registry";
import { operationRetired } from "./retired-operation";

/** Where the partner reads what is deprecated, and why. */
const DOCUMENTATION = `</partner/v1/docs>; rel="deprecation"; type="text/html"`;

/**
 * Tells callers that what they call is going away: `Deprecation` (https://www.rfc-editor.org/rfc/rfc9745), `Sunset`
 * (https://www.rfc-editor.org/rfc/rfc8594) and a link to what to call in its place. After its sunset an operation is refused, whether or not the registry was read since.
 */
export function createLifecycle(options: {
  registry: () => OperationRegistry;
  schema: () => GraphQLSchema;
  now?: () => number;
}): CheckCall {
  const { registry, schema, now = Date.now } = options;
  const known = new WeakMap<GraphQLSchema, WeakMap<RegisteredOperation, boolean>>();

  /** An operation also goes away with the fields that it asks for. */
  const asksForDeprecated = (operation: RegisteredOperation): boolean => {
    const apiSchema = schema();
    const found = known.get(apiSchema)?.get(operation);
    if (found !== undefined) return found;
    const uses = deprecatedUses(apiSchema, operation.document).length > 0;
    const ofSchema = known.get(apiSchema) ?? new WeakMap<RegisteredOperation, boolean>();
    known.set(apiSchema, ofSchema.set(operation, uses));
    return uses;
  };

  const stateOf = keeping((call) => ({
    successor: successorLink(registry(), call),
    // The schema does not say since when a field is deprecated; the partner was told with this version at the latest.
    since: call.operation.deprecatedAt ?? (asksForDeprecated(call.operation) ? call.operation.publishedAt : undefined),
  }));

  return (call) => {
    const { operation, answerHeaders } = call;
    const { sunset } = operation;
    const { successor, since } = stateOf(call);
    if (sunset && sunset.getTime() <= now()) {
      throw operationRetired({ ...operation, retiredAt: sunset }, successor === undefined ? {} : { link: successor });
    }
    if (since) {
      answerHeaders.set("deprecation", `@${Math.floor(since.getTime() / 1_000)}`);
      addLink(answerHeaders, [DOCUMENTATION, ...(successor === undefined ? [] : [successor])].join(", "));
    }
    if (sunset) answerHeaders.set("sunset", sunset.toUTCString());
  };
}

/** https://www.rfc-editor.org/rfc/rfc5829#section-3.3 */
function successorLink(registry: OperationRegistry, { operation, partner, variables, door }: Call): string | undefined {
  if (operation.successor === undefined) return undefined;
  const successor = registry.named(partner.slug, operation.successor);
  if (!successor || successor === operation) return undefined;
  const path = door === "rest" && successor.rest ? filledPath(successor.rest, variables) : undefined;
  return `</partner/v1${path ?? `/graphql/${encodeURI(successor.id)}`}>; rel="successor-version"`;
}

/** The successor's resource with the values of this call; undefined when the path needs others. */
function filledPath({ path }: RestBinding, variables: Call["variables"]): string | undefined {
  const segments = parseRestPath(path);
  if (typeof segments === "string") return path;
  const parts = segments.map((segment) => {
    if ("literal" in segment) return segment.literal;
    const value = Object.hasOwn(variables, segment.variable) ? variables[segment.variable] : undefined;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? encodeURIComponent(value)
      : undefined;
  });
  return parts.includes(undefined) ? undefined : `/${parts.join("/")}`;
}
