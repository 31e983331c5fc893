import { type GraphQLError, isObjectType } from "graphql";
import { requiredKeys } from "../layout/site";
import type { Fetch } from "../plan/fetch";
import { asObject } from "../run/state";
import type { Told } from "../run/told";
import { type ErrorReport, type Path, pathKeys } from "./error-report";
import { entityUnknown, nullUnexpected, valueInvalid } from "./faults";
import type { KnownObject } from "./place";
import { isGiver } from "./resolve-values";
import type { SubgraphErrors } from "./subgraph-errors";
import type { UnknownEntities } from "./unknown-entities";

/**
 * "Handling Field Errors" (6.4.4; since 2025 "Handling Execution Errors"): a field that is null for an error has that error in the list, and
 * only one, whatever else goes wrong on its account. https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 *
 * Subgraphs tell their errors in places of their own. For each null that a client is not to expect this finds the one to blame: below the field,
 * beside it, at what it requires, of its fetch or of one before. Where nobody has told one it words one.
 */
export interface ExplainNull {
  /** A value of a wrong kind. */
  wrongValue(path: Path): void;
  /** Null as a subgraph gave it, at times for an error that has climbed up there; or nothing where there should be an element of a list. */
  noValue(value: null | undefined, path: Path): void;
  /** Null where the schema allows none. */
  unexpectedNull(path: Path): void;
  /** A field whose fetch requires what could not be had. What it requires may also come up later, below the object. */
  byRequirement(object: KnownObject, key: string, path: Path): void;
  /** A field of which no source says anything. */
  missingField(object: KnownObject, key: string, path: Path, isNullable: boolean): void;
  /** An object of a type that is not in the clients' schema, or an interface object of which nobody knows what it is. */
  missingType(object: KnownObject): void;
}

export function createExplainNull(
  report: ErrorReport,
  errors: SubgraphErrors,
  { isUnknown, findUnknown }: UnknownEntities,
): ExplainNull {
  const blame = (cause: { readonly error: GraphQLError } | undefined, path: Path) => {
    if (cause && !report.explains(path)) errors.show(cause.error, pathKeys(path));
  };

  const byRequirement: ExplainNull["byRequirement"] = ({ told, path: object }, key, path) => {
    const hidden = errors.hiddenAt(object);
    if (hidden.length === 0) return;
    const givers = told.filter(({ source }) => source.tree.fields.has(key));
    const required = new Set(givers.flatMap(({ source }) => [...requiredKeys(source.fetch.requires ?? [])]));
    blame(
      hidden.find((one) => typeof one.key === "string" && required.has(one.key)),
      path,
    );
  };

  /** By an error beside it that made the whole entity null in the subgraph. */
  const byNeighbour = ({ told, path: object }: KnownObject, key: string, path: Path) => {
    const hidden = errors.hiddenAt(object);
    if (hidden.length === 0) return;
    const lost = told.filter(({ source, value }) => value === null && source.tree.fields.has(key));
    blame(
      hidden.find(({ fetch }) => lost.some(({ source }) => source.fetch === fetch)),
      path,
    );
  };

  /** An error below the object that made all of it null in one of some fetches, or in one that was to give what they require. */
  const causeBelow = (object: Path | undefined, told: readonly Told[], fetches: readonly Fetch[]) => {
    const isNeeded = (one: Fetch) => fetches.some((fetch) => fetch === one || fetch.known.has(one));
    const lost = told.filter(({ source, value }) => asObject(value) === undefined && isNeeded(source.fetch));
    return errors.shownBelow(object, new Set(lost.map(({ source }) => source.fetch)));
  };

  const causeAtAll = (fetches: readonly Fetch[]): GraphQLError | undefined => {
    for (const fetch of fetches.flatMap((one) => [one, ...[...one.known].reverse()])) {
      const [error] = errors.causesOf(fetch);
      if (error) return error;
    }
    return undefined;
  };

  /** By the fault of a fetch that should have given one of the fields, or of one before it. */
  const byFetches = (object: KnownObject, keys: ReadonlySet<string>, path: Path | undefined) => {
    if (report.explains(path)) return;
    const { told, position } = object;
    const givers = told.map(({ source }) => source).filter((source) => isGiver(source, keys));
    const suspects = (givers.length > 0 ? givers : [...position.joined, ...position.base]).map(({ fetch }) => fetch);
    const cause = causeAtAll(suspects) ?? causeBelow(path?.above, told, suspects) ?? errors.recalledAt(path, suspects);
    if (cause) return errors.show(cause, pathKeys(path));
    if (isUnknown(told, keys)) return report.add(entityUnknown(), pathKeys(path));
    const unknown = findUnknown(object, keys);
    // An error can have made it null.
    const error = unknown && errors.of(unknown);
    if (error) return errors.show(error, pathKeys(path));
    report.add(unknown ? entityUnknown() : valueInvalid(), pathKeys(path));
  };

  return {
    wrongValue: (path) => report.add(valueInvalid(), pathKeys(path)),
    noValue: (value, path) => {
      blame(errors.hiddenAt(path)[0], path);
      if (value === undefined && !report.explains(path)) report.add(valueInvalid(), pathKeys(path));
    },
    unexpectedNull: (path) => {
      if (!report.explains(path)) report.add(nullUnexpected(), pathKeys(path));
    },
    byRequirement,
    missingField: (object, key, path, isNullable) => {
      byNeighbour(object, key, path);
      // A fetch for objects of one type leaves out those of which nobody could say what they are.
      const wanted = new Set(isObjectType(object.type) ? [key] : [key, "__typename"]);
      // A subgraph that knows no such entity has nothing to say of its fields: that is null, and no fault of the field.
      if (isNullable && isUnknown(object.told, wanted)) return;
      byFetches(object, wanted, path);
    },
    missingType: (object) => byFetches(object, new Set(["__typename"]), object.path),
  };
}
