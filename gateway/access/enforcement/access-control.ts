import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema, OperationTypeNode } from "graphql";
import { coerceVariableValues } from "../../operation/coerce-variables";
import type { Viewer } from "../../../kit/viewer";
import type { AccessRules } from "../rules/access-rules";
import { isGranted, type PolicyFunction } from "../rules/rule";
import { completeResponse, isSelected } from "./complete-response";
import { type FieldSelection, type GuardedOperation, guardOperation, type Selection } from "./guarded-operation";
import { type RestrictedOperation, restrictOperation } from "./restrict-operation";

/** A validated operation, as one caller sends it. */
export interface AccessRequest {
  readonly schema: GraphQLSchema;
  readonly rules: AccessRules;
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly viewer: Viewer;
}

export type AccessDecision =
  /** Run the document as it is. */
  | { readonly kind: "allowed" }
  /** Run nothing, answer with the errors. */
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] }
  /** Run `document` in place of the client's (nothing at all when it is undefined) and answer with `complete(its result)`. */
  | {
      readonly kind: "filtered";
      readonly document: DocumentNode | undefined;
      /** Tells apart the documents that one client document is pruned to. */
      readonly grants: string;
      complete(result: ExecutionResult): ExecutionResult;
    };

export interface AccessControl {
  /** @throws ClientError OPERATION_LIMIT_EXCEEDED for an operation too large to be examined */
  decide(request: AccessRequest): AccessDecision;
}

/** What is known of one operation whoever asks, and for each set of granted rules. Lives as long as its document is cached. */
interface KnownOperation {
  readonly rules: AccessRules;
  readonly guarded: GuardedOperation | undefined;
  readonly byGrants: Map<string, RestrictedOperation | undefined>;
}

/** Bounds `byGrants`: rules of one operation are few, and few of their combinations occur. */
const MAX_GRANTS = 64;

/**
 * @param options.mode `filter` answers null at refused fields with an error each; `reject` refuses the whole operation.
 *   A subscription with anything refused is refused as a whole in both.
 */
export function createAccessControl(options: {
  mode: "filter" | "reject";
  policy?: PolicyFunction | undefined;
}): AccessControl {
  const known = new WeakMap<DocumentNode, Map<string, KnownOperation>>();

  const lookUp = ({ schema, rules, document, operationName }: AccessRequest): KnownOperation => {
    const operations = known.get(document) ?? new Map<string, KnownOperation>();
    known.set(document, operations);
    const name = operationName ?? "";
    const found = operations.get(name);
    if (found?.rules === rules) return found;
    const guarded = guardOperation(schema, rules, document, operationName);
    const entry = { rules, guarded: guarded?.rules.length ? guarded : undefined, byGrants: new Map() };
    operations.set(name, entry);
    return entry;
  };

  return {
    decide: (request) => {
      if (request.rules.isEmpty) return { kind: "allowed" };
      const { guarded, byGrants } = lookUp(request);
      if (!guarded) return { kind: "allowed" };
      const { viewer } = request;
      const granted = new Set(guarded.rules.filter((rule) => isGranted(rule, viewer, options.policy)));
      const grants = guarded.rules.map((rule) => (granted.has(rule) ? "1" : "0")).join("");
      if (!byGrants.has(grants)) {
        if (byGrants.size >= MAX_GRANTS) byGrants.clear();
        byGrants.set(
          grants,
          restrictOperation(guarded, (rule) => granted.has(rule)),
        );
      }
      const restricted = byGrants.get(grants);
      if (!restricted) return { kind: "allowed" };

      const { values: variables, errors } = coerceVariables(request, guarded);
      if (errors) return { kind: "refused", errors };
      const refused = refusedPaths(guarded.selections, restricted, variables);
      if (guarded.operation.operation === OperationTypeNode.SUBSCRIPTION) {
        // Whatever the variables say now: a subscription lives long, and hidden objects cannot be known ahead.
        const all = [...restricted.refused, ...fieldsThatMayHide(guarded.selections, restricted)];
        return { kind: "refused", errors: all.map((field) => refusal(field, viewer)) };
      }
      if (options.mode === "reject" && refused.length > 0) {
        return { kind: "refused", errors: refused.map((field) => refusal(field, viewer)) };
      }
      return {
        kind: "filtered",
        document: restricted.document,
        grants,
        complete: (result) => {
          if (result.data === undefined) return result;
          const { data, hidden } = completeResponse(restricted, result.data ?? {}, variables);
          const own = [...refused, ...hidden].map((field) => refusal(field, viewer));
          const all = [...own, ...(result.errors ?? [])];
          return { ...result, data: result.data === null ? null : data, ...(all.length > 0 ? { errors: all } : {}) };
        },
      };
    },
  };
}

/** The variables that decide `@skip` and `@include`, defaults included; wrong ones are a client's error before anything runs. */
function coerceVariables({ schema, variables }: AccessRequest, { operation }: GuardedOperation) {
  const { coerced, errors } = coerceVariableValues(schema, operation.variableDefinitions ?? [], variables);
  return { values: coerced ?? {}, errors };
}

/** The refused selections that the variables select, one per path of the document. */
function refusedPaths(
  selections: readonly Selection[],
  { refused }: RestrictedOperation,
  variables: Readonly<Record<string, unknown>>,
): FieldSelection[] {
  const byPath = new Map<string, FieldSelection>();
  const walk = (children: readonly Selection[]) => {
    for (const selection of children) {
      if (!isSelected(selection.conditions, variables)) continue;
      if (selection.kind === "field" && refused.has(selection)) byPath.set(selection.path.join("."), selection);
      else walk(selection.selections);
    }
  };
  walk(selections);
  return [...byPath.values()];
}

/** Fields behind which this caller would be shown no object of some type: reason enough to refuse a subscription. */
const fieldsThatMayHide = (selections: readonly Selection[], restricted: RestrictedOperation): FieldSelection[] =>
  selections.flatMap((selection) => [
    ...(selection.kind === "field" && [...selection.behind.keys()].some((type) => restricted.hiddenTypes.has(type))
      ? [selection]
      : []),
    ...fieldsThatMayHide(selection.selections, restricted),
  ]);

/** Says that the caller may not, never what it would take: scopes and policies are no part of the public schema. */
function refusal(field: FieldSelection, viewer: Viewer): GraphQLError {
  const [message, code] = viewer
    ? [`You are not allowed to use "${field.key}".`, "FORBIDDEN"]
    : [`Sign in to use "${field.key}".`, "UNAUTHENTICATED"];
  return new GraphQLError(message, { path: field.path, extensions: { code } });
}
