import {
  type GraphQLAbstractType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isObjectType,
  isScalarType,
} from "graphql";
import { getNullableType } from "graphql";
import { canonicalText } from "./canonical-text";
import type { Values } from "./sample";
import { sampleLeaf } from "./sample-leaf";
import { hashOf, oneOf, uuidOf } from "./seed";

/** So many of each type with an id are there to be listed. Others can be asked for by any id, and are as lasting. */
const POPULATION = 50;

/** The things there are: each type with an id has a population, which lists show and references lead to. */
export interface SampleWorld {
  hasId(type: GraphQLNamedType): boolean;
  /** The type of an object where an interface or a union stands; refusals only where there is nothing else. @param id of the object, when it has one */
  typeFor(type: GraphQLAbstractType | GraphQLObjectType, seed: string, id: string | undefined): GraphQLObjectType;
  /** Ids of a type with the values that are asked for, or one of several, in an order of the list's own. */
  list(type: GraphQLNamedType, wanted: Values, seed: string): readonly string[];
  /** The one with these values among those that are listed. */
  find(type: GraphQLObjectType, wanted: Values): string | undefined;
  /** One of those that are listed. */
  some(type: GraphQLObjectType, seed: string): string;
}

export function createSampleWorld(schema: GraphQLSchema): SampleWorld {
  const populations = new Map<string, readonly string[]>();

  const withIds = new Map<GraphQLNamedType, boolean>();
  const hasId: SampleWorld["hasId"] = (type) => {
    const known = withIds.get(type) ?? looksUpId(type);
    withIds.set(type, known);
    return known;
  };
  const looksUpId = (type: GraphQLNamedType): boolean => {
    if (isObjectType(type)) return isLeafType(getNullableType(type.getFields()["id"]?.type));
    return isAbstractType(type) && membersOf(type).every(hasId);
  };
  const idsOf = (type: GraphQLObjectType): readonly string[] => {
    const known = populations.get(type.name);
    if (known) return known;
    const ids = Array.from({ length: POPULATION }, (_, i) => uuidOf(type.name, i));
    populations.set(type.name, ids);
    return ids;
  };

  const membersOf = (type: GraphQLAbstractType): readonly GraphQLObjectType[] => {
    const all = [...schema.getPossibleTypes(type)].sort((a, b) => (a.name < b.name ? -1 : 1));
    const welcome = all.filter((member) => !isError(member));
    return welcome.length > 0 ? welcome : all;
  };

  const fits = (type: GraphQLObjectType, id: string, wanted: Values): boolean => {
    const object = thingSeed(type.name, id);
    return Object.entries(wanted).every(([name, value]) => {
      if (name === "id") return value === id;
      const fieldType = getNullableType(type.getFields()[name]?.type);
      if (!isLeafType(fieldType)) return true;
      const place = {
        fieldName: name,
        typeName: type.name,
        objectName: type.name,
        seed: fieldSeed(object, name, {}),
        objectSeed: object,
      };
      const own = sampleLeaf(fieldType, place);
      return Array.isArray(value) ? value.includes(own) : own === value;
    });
  };

  return {
    hasId,
    typeFor: (type, seed, id) => {
      if (isObjectType(type)) return type;
      const members = membersOf(type);
      const owner =
        id === undefined ? undefined : members.find((member) => hasId(member) && idsOf(member).includes(id));
      return owner ?? oneOf(members, type.name, id ?? seed);
    },
    list: (type, wanted, seed) => {
      const members = isAbstractType(type) ? membersOf(type) : isObjectType(type) ? [type] : [];
      const all = members.flatMap((member) => {
        const tellable = tellableOf(member, wanted);
        return idsOf(member).filter((id) => fits(member, id, tellable));
      });
      const start = hashOf(seed) % Math.max(1, all.length);
      return [...all.slice(start), ...all.slice(0, start)];
    },
    find: (type, wanted) => idsOf(type).find((id) => fits(type, id, wanted)),
    some: (type, seed) => oneOf(idsOf(type), type.name, seed),
  };
}

/** What a thing with an id is generated from, wherever it appears. */
export const thingSeed = (typeName: string, id: string): string => `${typeName}:${id}`;

/** What a field of an object is generated from. */
export const fieldSeed = (object: string, fieldName: string, args: Values): string =>
  `${object}.${fieldName}${canonicalText(args)}`;

/**
 * Values that a list can be narrowed by exactly, each of which the field of the same name can have. What a text means for the list only its service
 * knows; nor does anyone else know it of no value at all, or of one that no item has, such as ALL.
 */
function tellableOf(type: GraphQLObjectType, wanted: Values): Values {
  const entries = Object.entries(wanted).filter(([name, value]) => {
    const fieldType = getNullableType(type.getFields()[name]?.type);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.length > 0 && values.every((one) => isToldApart(fieldType, one));
  });
  return Object.fromEntries(entries);
}

/** A value of a type that has few. */
function isToldApart(type: GraphQLType | undefined, value: unknown): boolean {
  if (isEnumType(type)) return type.getValues().some((one) => one.value === value);
  return isScalarType(type) && type.name === "Boolean" && typeof value === "boolean";
}

/** By the interface or by the name, as graphs tell refusals from results. */
const isError = (type: GraphQLObjectType): boolean =>
  /(Error|Problem|Failure|Exception)$/.test(type.name) ||
  type.getInterfaces().some(({ name }) => /(Error|Problem|Failure)$/.test(name));
