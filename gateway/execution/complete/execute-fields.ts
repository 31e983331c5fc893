import { type GraphQLObjectType, isNonNullType, isObjectType } from "graphql";
import { type DeferredFragment, isHeldBack, type Labels, type OutputField } from "../../operation/output-fields";
import type { AnswerShape } from "../layout/answer-shape";
import type { ExecutionState, JsonObject } from "../run/state";
import { type CompleteValue, NOTHING } from "./complete-value";
import type { Path } from "./error-report";
import type { ExplainNull } from "./explain-null";
import type { KnownObject, PendingPart } from "./place";
import { toldBelow } from "./resolve-values";

/**
 * "Executing Selection Sets" (6.3): the answer to a selection set is a map with an entry for each of its response keys, in the order in which the
 * document has them. https://spec.graphql.org/October2021/#ExecuteSelectionSet()
 *
 * "Executing Fields" (6.4): the value of a field is resolved, and then completed. https://spec.graphql.org/October2021/#ExecuteField()
 *
 * @param type the object's, or one that stands for all it may be of
 * @returns NOTHING when a field is null that may not be
 */
export type ExecuteFields = (type: GraphQLObjectType, object: KnownObject) => JsonObject | typeof NOTHING;

export interface FieldsOptions {
  readonly shape: AnswerShape;
  readonly state: ExecutionState;
  /** Labels of the parts that come later. */
  readonly deferred: ReadonlySet<string>;
  /** Labels of the part that is written and of those it is inside of. */
  readonly within: Labels;
  readonly explain: ExplainNull;
  readonly completeValue: CompleteValue;
  /** Gets those deferred fragments of each object that are next. */
  readonly pending: PendingPart[];
}

export function createExecuteFields(options: FieldsOptions): ExecuteFields {
  const { shape, state, deferred, within, explain, completeValue, pending } = options;
  const { schema, responseKey } = shape;
  /** A part inside of another comes after that. */
  const isNext = ({ label, within }: DeferredFragment) => deferred.has(label) && !isHeldBack(within, deferred);

  const putOff = ({ type, selection, position, path }: KnownObject) => {
    if (deferred.size === 0) return;
    const candidates = isObjectType(type) ? [type] : schema.getPossibleTypes(type);
    const fragments = candidates.flatMap((candidate) => selection.deferredOf(candidate)).filter(isNext);
    for (const label of new Set(fragments.map((fragment) => fragment.label))) {
      pending.push({ label, within, selection, path, type, position });
    }
  };

  const executeField = (type: GraphQLObjectType, field: OutputField, object: KnownObject, path: Path): unknown => {
    const { key, name, definition, selection } = field;
    if (!definition) {
      if (name === "__typename") return type.name;
      const text = state.introspection[key];
      return text === undefined ? null : (JSON.parse(text) as unknown);
    }
    const position = object.position.at(key);
    const told = toldBelow(object.told, key, position);
    if (told.every(({ value }) => value === null || value === undefined)) explain.byRequirement(object, key, path);
    if (told.every(({ value }) => value === undefined)) {
      const isNullable = !isNonNullType(definition.type);
      explain.missingField(object, key, path, isNullable);
      return isNullable ? null : NOTHING;
    }
    return completeValue(definition.type, { told, position, selection, path });
  };

  return (type, object) => {
    // Without a prototype: a client may choose any response key, "__proto__" included.
    const written: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    const nulls: { readonly key: string; readonly path: Path }[] = [];
    for (const field of object.selection.fieldsOf(type)) {
      if (!isWritten(field, deferred)) continue;
      const path = { above: object.path, key: responseKey(field.key) };
      const value = executeField(type, field, object, path);
      if (value === NOTHING) return NOTHING;
      if (value === null) nulls.push({ key: field.key, path });
      written[path.key] = value;
    }
    // Again, now that everything below has been seen.
    for (const { key, path } of nulls) explain.byRequirement(object, key, path);
    putOff(object);
    return written;
  };
}

export const isWritten = ({ mentions }: OutputField, deferred: ReadonlySet<string>): boolean =>
  !mentions.every((within) => isHeldBack(within, deferred));
