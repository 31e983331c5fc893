import {
  type DirectiveNode,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
} from "graphql";
import type { FieldSelection, Selection } from "./guarded-operation";
import type { RestrictedOperation } from "./restrict-operation";

type Variables = Readonly<Record<string, unknown>>;
type JsonObject = Record<string, unknown>;

export interface CompletedResponse {
  readonly data: JsonObject | null;
  /** Fields that gave an object of a hidden type, by path; each once. */
  readonly hidden: readonly FieldSelection[];
}

/**
 * Gives the answer of the pruned operation the shape of the client's document: keys in its order, null at each refused path, and null
 * carried up through non-null types to the nearest nullable parent, list elements included. Objects of hidden types become null likewise.
 *
 * https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 *
 * @param variables as coerced for the operation: `@skip` and `@include` are decided by them
 */
export function completeResponse(
  { guarded, refused, hiddenTypes }: RestrictedOperation,
  source: Readonly<JsonObject>,
  variables: Variables,
): CompletedResponse {
  const hidden = new Map<string, FieldSelection>();

  const collect = (selections: readonly Selection[], runtimeType: string, into: Map<string, FieldSelection[]>) => {
    for (const selection of selections) {
      if (!isSelected(selection.conditions, variables)) continue;
      if (selection.kind === "field") {
        const fields = into.get(selection.key);
        if (fields) fields.push(selection);
        else into.set(selection.key, [selection]);
      } else if (selection.appliesTo.has(runtimeType)) {
        collect(selection.selections, runtimeType, into);
      }
    }
  };

  /** @returns undefined when a non-null field is null, and this object with it */
  const completeObject = (selections: readonly Selection[], runtimeType: string, from: Readonly<JsonObject>) => {
    const groups = new Map<string, FieldSelection[]>();
    collect(selections, runtimeType, groups);
    // Without a prototype: a client may choose any response key, "__proto__" included.
    const object: JsonObject = Object.create(null);
    for (const [key, fields] of groups) {
      const given = Object.hasOwn(from, key) ? from[key] : null;
      const type = fields[0]?.type;
      // Two selections of one key can differ in their scope; one refusal is enough.
      const value = fields.some((field) => refused.has(field)) ? null : type ? complete(type, fields, given) : given;
      if (value === null && isNonNullType(type)) return undefined;
      object[key] = value;
    }
    return object;
  };

  /** Null stands for a null that the caller of this function places, or passes on when its type is non-null. */
  const complete = (type: GraphQLOutputType, fields: readonly FieldSelection[], value: unknown): unknown => {
    if (value === null || value === undefined) return null;
    const nullable = isNonNullType(type) ? type.ofType : type;
    if (isLeafType(nullable)) return value;
    if (isListType(nullable)) {
      if (!Array.isArray(value)) return null;
      const items = value.map((item) => complete(nullable.ofType, fields, item));
      return isNonNullType(nullable.ofType) && items.includes(null) ? null : items;
    }
    const from = value as Readonly<JsonObject>;
    const runtimeType = isAbstractType(nullable) ? from[guarded.typenameKey] : nullable.name;
    if (typeof runtimeType !== "string") return null;
    if (isAbstractType(nullable) && hiddenTypes.has(runtimeType)) {
      for (const field of fields) hidden.set(field.path.join("."), field);
      return null;
    }
    return (
      completeObject(
        fields.flatMap((field) => field.selections),
        runtimeType,
        from,
      ) ?? null
    );
  };

  const data = completeObject(guarded.selections, guarded.root.name, source) ?? null;
  return { data, hidden: [...hidden.values()] };
}

/** What `@skip` and `@include` say. https://spec.graphql.org/October2021/#CollectFields() */
export const isSelected = (conditions: readonly DirectiveNode[], variables: Variables): boolean =>
  conditions.every((directive) => {
    const value = directive.arguments?.find(({ name }) => name.value === "if")?.value;
    const holds =
      value?.kind === Kind.VARIABLE
        ? variables[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    return directive.name.value === "skip" ? !holds : holds;
  });
