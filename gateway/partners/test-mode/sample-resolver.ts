import {
  getNamedType,
  getNullableType,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { canonicalText } from "./canonical-text";
import { flatten, isValues, Sample, type Values } from "./sample";
import { connectionShape, cursorOf, pageOf } from "./sample-connection";
import { sampleLeaf } from "./sample-leaf";
import { type ReadField, totalFor } from "./sample-sums";
import { fieldSeed, type SampleWorld, thingSeed } from "./sample-world";
import type { Scenario } from "./scenario";
import { between, hashOf, uuidOf } from "./seed";

/** What differs from one execution to the next. */
export interface SampleRun {
  readonly scenario: Scenario | undefined;
  readonly requestId: string;
  /** Objects that may still be made. */
  budget: number;
  /** Of "partial": whether a field below the root has failed; then none other does. */
  hasFailed: boolean;
}

/** One field of one object, about to get its value. */
interface Place {
  readonly parent: Sample;
  readonly isRoot: boolean;
  readonly name: string;
  readonly args: Values;
  readonly seed: string;
  /** Values that arguments name for the object here. */
  readonly wanted: Values;
}

const PAGING = new Set([
  "first",
  "last",
  "after",
  "before",
  "limit",
  "offset",
  "skip",
  "take",
  "page",
  "pageSize",
  "perPage",
  "size",
  "count",
]);
const SIZES = ["first", "last", "limit", "take", "pageSize", "perPage", "size", "count"];
const MAX_LIST = 100;
/** Of twelve nullable values that nothing decides, one is null. */
const NULLS_ONE_IN = 12;

/**
 * Generated data for every field of a schema, in the place of services.
 *
 * - A thing with an id is the same wherever it appears: what its fields are follows from its type and id alone.
 * - Arguments come back where a field or a thing has a value of the same name.
 * - Other objects follow from the fields and arguments on the way to them.
 * - Totals are those of what they are the totals of.
 */
export function createSampleResolver(
  schema: GraphQLSchema,
  world: SampleWorld,
): GraphQLFieldResolver<unknown, SampleRun> {
  const mutationName = schema.getMutationType()?.name;

  const valueOf = (type: GraphQLOutputType, given: unknown, place: Place, run: SampleRun): unknown => {
    if (isNonNullType(type)) return present(type.ofType, given, place, run);
    if (given === null || isNull(given, place, run)) return null;
    return present(type, given, place, run);
  };

  const isNull = (given: unknown, { isRoot, seed }: Place, { scenario }: SampleRun): boolean => {
    if (isRoot) return scenario?.kind === "null";
    if (given !== undefined) return false;
    return scenario?.kind === "null" || scenario?.kind === "sparse" || hashOf("null", seed) % NULLS_ONE_IN === 0;
  };

  const present = (type: GraphQLOutputType, given: unknown, place: Place, run: SampleRun): unknown => {
    if (isListType(type)) return listOf(type.ofType, given, place, run);
    if (isLeafType(type)) {
      if (given !== undefined && isAnsweredAs(type, given)) return given;
      const { name: fieldName, parent, seed } = place;
      return sampleLeaf(type, {
        fieldName,
        typeName: parent.typeName,
        objectName: parent.name,
        seed,
        objectSeed: parent.seed,
      });
    }
    if (isObjectType(type) || isAbstractType(type)) return objectOf(type, given, place, run);
    return undefined;
  };

  /** @param id of the thing, where a list has decided that */
  const objectOf = (type: GraphQLOutputType, given: unknown, place: Place, run: SampleRun, id?: string): Sample => {
    if (given instanceof Sample) return given;
    if (!isObjectType(type) && !isAbstractType(type)) throw new Error(`${String(type)} is no object`);
    if (run.budget-- <= 0) throw new Error("the answer is larger than the budget");
    const { parent, name, seed } = place;
    const own = isValues(given) ? { ...place.wanted, ...given } : place.wanted;
    const namedId = id ?? idFor(own, place, type);
    const concrete = world.typeFor(type, seed, namedId);
    const shape = connectionShape(concrete);
    if (shape) return pageSample(concrete, shape, place, run);
    const known = leavesOf(concrete, own);
    const passedOn = isValues(given) ? given : parent.isThing ? {} : { ...parent.given, ...own };
    if (world.hasId(concrete)) return thing(concrete, namedId ?? idOf(concrete, known, seed), known, passedOn);
    return new Sample({
      typeName: concrete.name,
      name,
      seed,
      known: { ...moneyOf(concrete, place, known), ...known },
      given: passedOn,
      isPayload: place.isRoot && parent.typeName === mutationName,
    });
  };

  const thing = ({ name }: GraphQLObjectType, id: string, known: Values, given: Values): Sample => {
    const seed = thingSeed(name, id);
    return new Sample({ typeName: name, name, seed, known: { ...known, id }, given: partsOf(given), isThing: true });
  };
  const idOf = (type: GraphQLObjectType, known: Values, seed: string): string => {
    if (Object.keys(known).length === 0) return world.some(type, seed);
    return world.find(type, known) ?? uuidOf(type.name, canonicalText(known));
  };

  const listOf = (type: GraphQLOutputType, given: unknown, place: Place, run: SampleRun): unknown[] => {
    const at = (i: number): Place => ({ ...place, seed: `${place.seed}[${i}]` });
    if (Array.isArray(given)) return given.map((one: unknown, i) => valueOf(type, one, at(i), run));
    if (run.scenario?.kind === "empty") return [];
    const item = getNullableType(type);
    const size = sizeIn(place);
    if (isLeafType(item) || isListType(item)) {
      const values = Array.from({ length: size }, (_, i) => present(item, undefined, at(i), run));
      return isLeafType(item) ? [...new Set(values)] : values;
    }
    const ids = idsFor(place);
    if (ids) return ids.map((id, i) => objectOf(item, undefined, at(i), run, id));
    if (!world.hasId(item)) return Array.from({ length: size }, (_, i) => objectOf(item, undefined, at(i), run));
    return world
      .list(item, place.wanted, place.seed)
      .slice(0, size)
      .map((id, i) => objectOf(item, undefined, { ...at(i), wanted: {} }, run, id));
  };

  const pageSample = (
    type: GraphQLObjectType,
    { item, edgeTypeName, pageInfoTypeName }: NonNullable<ReturnType<typeof connectionShape>>,
    place: Place,
    run: SampleRun,
  ): Sample => {
    const { seed, name, args } = place;
    const itemAt = (i: number, id?: string) =>
      objectOf(
        item as GraphQLOutputType,
        undefined,
        { ...place, isRoot: false, wanted: {}, seed: `${seed}[${i}]` },
        run,
        id,
      );
    const isEmpty = run.scenario?.kind === "empty";
    const listed = !isEmpty && world.hasId(item) ? world.list(item, place.wanted, seed) : [];
    // Of the whole shop all there is; of one thing some.
    const total = isEmpty
      ? 0
      : world.hasId(item)
        ? place.isRoot
          ? listed.length
          : Math.min(listed.length, between(1, 12, seed, "total"))
        : between(1, 40, seed, "total");
    const { start, end } = pageOf(args, total);
    const nodes = Array.from({ length: end - start }, (_, i) => itemAt(start + i, listed[start + i]));
    const made = (typeName: string, known: Values) =>
      new Sample({ typeName, name, seed: `${seed}.${typeName}`, known });
    const edges = nodes.map((node, i) => made(edgeTypeName ?? "", { node, cursor: cursorOf(start + i) }));
    const pageInfo = made(pageInfoTypeName, {
      hasNextPage: end < total,
      hasPreviousPage: start > 0,
      startCursor: end > start ? cursorOf(start) : null,
      endCursor: end > start ? cursorOf(end - 1) : null,
    });
    return made(type.name, { nodes, edges, pageInfo, totalCount: total, count: nodes.length });
  };

  const resolve = (
    parent: Sample,
    { parentType, fieldName: name, returnType }: Pick<GraphQLResolveInfo, "parentType" | "fieldName" | "returnType">,
    { args, isRoot, run }: { args: Values; isRoot: boolean; run: SampleRun },
  ): unknown => {
    const own = withoutPaging(args);
    // Two pages of one list are of the same list.
    const seed = fieldSeed(parent.seed, name, own);
    const place: Place = {
      parent,
      isRoot,
      name,
      args,
      seed,
      wanted: { ...(parent.isPayload ? parent.given : {}), ...flatten(own) },
    };
    const given = Object.hasOwn(parent.known, name) ? parent.known[name] : givenFor(parent, name);
    return valueOf(returnType, given === undefined ? total(parent, parentType, name, run) : given, place, run);
  };

  /** What is added up is asked for as an answer asks for it, but is in none: it counts for nothing. */
  const total = (parent: Sample, type: GraphQLObjectType, name: string, run: SampleRun): unknown => {
    const aside: SampleRun = { ...run, budget: MAX_LIST * MAX_LIST };
    const read: ReadField = (of, parentType, { name: fieldName, type: returnType }) =>
      resolve(of, { parentType, fieldName, returnType }, { args: {}, isRoot: false, run: aside });
    return totalFor(parent, type, name, read);
  };

  return (source, args: Values, run, info) => {
    const isRoot = info.path.prev === undefined;
    const { name: rootName } = info.parentType;
    const parent = source instanceof Sample ? source : new Sample({ typeName: rootName, name: "", seed: rootName });
    failIfAsked(isRoot, info, run);
    return resolve(parent, info, { args, isRoot, run });
  };
}

function failIfAsked(isRoot: boolean, { returnType, path }: GraphQLResolveInfo, run: SampleRun): void {
  const { scenario, requestId } = run;
  if (scenario?.kind === "field-error" && isRoot) {
    const { code, message } = scenario;
    throw new GraphQLError(message, {
      extensions: { code, ...(code === "INTERNAL_SERVER_ERROR" ? { requestId } : {}) },
    });
  }
  if (scenario?.kind !== "partial" || run.hasFailed || isRoot || isNonNullType(returnType)) return;
  if (typeof path.key !== "string") return;
  run.hasFailed = true;
  throw new GraphQLError("A service behind the gateway did not answer.", {
    extensions: { code: "SUBGRAPH_UNAVAILABLE" },
  });
}

/** What a mutation was given for a field of an object in its answer. */
const givenFor = ({ given }: Sample, name: string): unknown => {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  return isValues(value) || Array.isArray(value) ? value : undefined;
};

/** The id that arguments, or the input of a mutation, name for the thing here: by `id`, `orderId` or the name of the field. */
function idFor(own: Values, { name, parent, args }: Place, type: GraphQLOutputType): string | undefined {
  const typeName = getNamedType(type).name;
  const byType = `${typeName.charAt(0).toLowerCase()}${typeName.slice(1)}Id`;
  const candidates = [own["id"], args["id"], own[byType], parent.given[`${name}Id`], parent.given[byType]];
  const id = candidates.find((one) => typeof one === "string" || typeof one === "number");
  return id === undefined ? undefined : String(id);
}

/** The ids that arguments, or the input of a mutation, name for a list. */
function idsFor({ name, args, parent, wanted }: Place): readonly string[] | undefined {
  const byName = `${name.replace(/s$/, "")}Ids`;
  const ids = [args["ids"], wanted["ids"], wanted[byName], parent.given[byName]].find(Array.isArray);
  return ids?.map(String);
}

function sizeIn({ args, seed, isRoot }: Place): number {
  const asked = SIZES.map((name) => args[name]).find((size): size is number => typeof size === "number");
  if (asked !== undefined) return Math.max(0, Math.min(asked, MAX_LIST));
  return isRoot ? between(3, 8, "size", seed) : between(1, 3, "size", seed);
}

const leavesOf = (type: GraphQLObjectType, values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => {
      const fieldType = getNullableType(type.getFields()[name]?.type);
      return value !== null && value !== undefined && isLeafType(fieldType) && isAnsweredAs(fieldType, value);
    }),
  );

/** What objects inside a thing are made of: `lines`, `price`, and ids of others. Its own values are known. */
const partsOf = (given: Values): Values =>
  Object.fromEntries(
    Object.entries(given).filter(([name, value]) => isValues(value) || Array.isArray(value) || name.endsWith("Id")),
  );

/** An amount says the same in all of its forms. */
function moneyOf(type: GraphQLObjectType, { seed, name }: Place, known: Values): Values {
  const { amountMinor, currency, formatted } = type.getFields();
  const amountType = getNullableType(amountMinor?.type);
  const currencyType = getNullableType(currency?.type);
  if (!formatted || !isLeafType(amountType) || !isLeafType(currencyType)) return {};
  const place = { typeName: type.name, objectName: name, objectSeed: seed };
  const amount =
    known["amountMinor"] ?? sampleLeaf(amountType, { ...place, fieldName: "amountMinor", seed: `${seed}.amountMinor` });
  // One currency everywhere, so that amounts can be added.
  const code = known["currency"] ?? sampleLeaf(currencyType, { ...place, fieldName: "currency", seed: "currency" });
  return { amountMinor: amount, currency: code, formatted: `${String(code)} ${(Number(amount) / 100).toFixed(2)}` };
}

function isAnsweredAs(type: GraphQLOutputType, value: unknown): boolean {
  if (!isLeafType(type)) return false;
  try {
    return type.serialize(value) !== undefined;
  } catch {
    return false;
  }
}

const withoutPaging = (args: Values): Values => {
  const entries = Object.entries(args);
  return entries.some(([name]) => PAGING.has(name))
    ? Object.fromEntries(entries.filter(([name]) => !PAGING.has(name)))
    : args;
};
