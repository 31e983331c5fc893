import { type GraphQLObjectType, isObjectType } from "graphql";
import { type DeferredFragment, typeForAll } from "../../operation/output-fields";
import type { AnswerShape } from "../layout/answer-shape";
import { asObject, type FetchPlace, type JsonObject } from "../run/state";
import type { Told } from "../run/told";
import { type CompleteObject, NOTHING } from "./complete-value";
import { type ExecuteFields, isWritten } from "./execute-fields";
import type { ExplainNull } from "./explain-null";
import type { KnownObject, ObjectPlace, PendingPart } from "./place";
import type { ResolveAbstractType } from "./resolve-abstract-type";
import type { ResolveValues } from "./resolve-values";
import type { SubgraphErrors } from "./subgraph-errors";

/**
 * The last step of "Value Completion" (6.4.3): of an object, and of an interface or union once its object type is known, the fields below are
 * executed. Here the type may stay unknown, where the owner of an interface object does not know it: such an object is written if the same is
 * asked of every type it may be of. https://spec.graphql.org/October2021/#CompleteValue()
 */
export interface CompleteObjects {
  completeRoot(): JsonObject | typeof NOTHING;
  readonly completeObject: CompleteObject;
  /** @returns undefined when the fragment turns out to be for objects of other types */
  completePart(part: PendingPart): JsonObject | typeof NOTHING | undefined;
}

export interface ObjectsOptions {
  readonly shape: AnswerShape;
  /** Labels of the parts that come later. */
  readonly deferred: ReadonlySet<string>;
  readonly values: ResolveValues;
  readonly types: ResolveAbstractType;
  readonly errors: SubgraphErrors;
  readonly explain: ExplainNull;
  readonly executeFields: ExecuteFields;
}

/** An object of the answer that has come up. */
interface Met {
  readonly object: KnownObject;
  /** Its type, when that is known. */
  readonly type: GraphQLObjectType | undefined;
  readonly places: readonly FetchPlace[];
}

export function createCompleteObjects(options: ObjectsOptions): CompleteObjects {
  const { shape, deferred, values, types, errors, explain, executeFields } = options;
  const { schema, rootType, root, selection: rootSelection } = shape;

  const meet = (place: ObjectPlace, base: readonly Told[]): Met => {
    const { path, position, selection } = place;
    const { told, places } = values.join(position, base);
    const type = isObjectType(place.type) ? place.type : types.resolve(place.type, told);
    return { object: { path, position, selection, told, type: type ?? place.type }, type, places };
  };

  /** @param isOpen where its type is not known, it may be any of the possible ones */
  const complete = ({ object, type, places }: Met, isOpen: boolean): JsonObject | typeof NOTHING | null => {
    errors.meet(places, object.path, object);
    const fieldsOf = type ?? (isOpen ? standIn(object) : undefined);
    if (fieldsOf) return executeFields(fieldsOf, object);
    explain.missingType(object);
    return null;
  };

  const possibleTypes = ({ type }: ObjectPlace) => (isObjectType(type) ? [type] : schema.getPossibleTypes(type));

  const standIn = (object: KnownObject) =>
    typeForAll(object.selection, possibleTypes(object), (field) => isWritten(field, deferred));

  return {
    completeRoot: () => {
      const place = { type: rootType, position: root, selection: rootSelection, path: undefined };
      return complete(meet(place, values.root), false) ?? NOTHING;
    },
    completeObject: (type, { position, selection, path, told }) => {
      const base = objectsOf(told);
      if (!selection || base.every(({ value }) => value === undefined)) {
        explain.wrongValue(path);
        return null;
      }
      const met = meet({ type, position, selection, path }, base);
      const name = met.type ? undefined : types.nameOf(met.object.told);
      return complete(met, name === undefined || name === type.name);
    },
    completePart: ({ label, ...place }) => {
      // A part's fetches may know more of the object than was known when the part was put off.
      const known = values.wayTo(place.position, place.path).at(-1);
      const met = meet(place, objectsOf(known?.base ?? []));
      const candidates = possibleTypes(met.object);
      const fragments = candidates.flatMap((type) => place.selection.deferredOf(type).find(isLabelled(label)) ?? []);
      const [fragment] = fragments;
      if (!fragment) return undefined;
      const object = { ...met.object, selection: fragment.selection };
      return complete({ ...met, object }, fragments.length === candidates.length) ?? NOTHING;
    },
  };
}

const isLabelled = (label: string) => (fragment: DeferredFragment) => fragment.label === label;

const objectsOf = (told: readonly Told[]): readonly Told[] =>
  told.map(({ source, value }) => ({ source, value: asObject(value) }));
