import {
  getNamedType,
  getNullableType,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import {
  type DeferredFragment,
  isHeldBack,
  type OutputField,
  type Selection,
  typeForAll,
} from "../../operation/output-fields";
import type { AnswerShape } from "../layout/answer-shape";
import type { Position, Source } from "../layout/position";
import { requiredKeys, type Site } from "../layout/site";
import type { Fetch } from "../plan/fetch";
import type { SelectionTree } from "../plan/selection-tree";
import { asObject, either, type ExecutionState, type JsonObject } from "../run/state";
import { createErrorReport, type ErrorReport, type Path, type PathKey, pathKeys } from "./error-report";
import { type FetchErrors, readFetchErrors } from "./fetch-errors";

/** What the client asks for at a place. */
interface Asked {
  readonly type: GraphQLOutputType;
  readonly selection: Selection | undefined;
}

/** What one source says at a place; undefined when it says nothing. */
interface Told {
  readonly source: Source;
  readonly value: unknown;
}

/** A deferred fragment at an object of the answer, to be written when its fetches have ended. */
export interface PendingPart {
  readonly label: string;
  readonly path: Path | undefined;
  /** The object's, or as much as was known of it. */
  readonly type: GraphQLObjectType | GraphQLAbstractType;
  readonly position: Position;
  /** Of the object: the fragment is in it. */
  readonly selection: Selection;
}

export interface CarefulResult {
  readonly data: JsonObject | null;
  readonly errors: readonly GraphQLError[];
  readonly pending: readonly PendingPart[];
}

export interface CarefulOptions extends AnswerShape {
  readonly fetches: readonly Fetch[];
}

/** Stands for a null that the parent cannot take. https://spec.graphql.org/October2021/#sec-Handling-Field-Errors */
const NOTHING = Symbol("null where the schema allows none");

/**
 * Completes the answer value by value as the specification says it, with every null that a client is not to expect explained by an error at
 * its path: https://spec.graphql.org/October2021/#CompleteValue(). Slower than the compiled writer and always right.
 */
export interface CarefulWriter {
  /** @param deferred labels of the parts that come later */
  write(state: ExecutionState, deferred: ReadonlySet<string>): CarefulResult;
  /** @returns undefined when the fragment turns out to be for objects of other types: then nothing comes */
  writePart(state: ExecutionState, part: PendingPart, deferred: ReadonlySet<string>): CarefulResult | undefined;
}

export function createCarefulWriter(options: CarefulOptions): CarefulWriter {
  const { rootType, selection, root, fetches } = options;
  const begin = (state: ExecutionState, deferred: ReadonlySet<string>, isOwn: (fetch: Fetch) => boolean) => {
    const own = fetches.filter(isOwn);
    const isHeard = (fetch: Fetch) =>
      fetch.part === undefined ||
      !deferred.has(fetch.part) ||
      isOwn(fetch) ||
      own.some(({ known }) => known.has(fetch));
    const visit = createVisit(options, state, deferred, isHeard);
    for (const fetch of own) if (fetch.path.length === 0) visit.reportRoot(fetch);
    const end = (data: JsonObject | typeof NOTHING): CarefulResult => {
      visit.reportRest(own);
      const { pending, report } = visit;
      return data === NOTHING
        ? { data: null, errors: report.errors, pending: [] }
        : { data, errors: report.errors, pending };
    };
    return { visit, end };
  };
  return {
    write: (state, deferred) => {
      const { visit, end } = begin(state, deferred, ({ part }) => part === undefined || !deferred.has(part));
      return end(visit.completeObject(rootType, selection, root, tellRoot(root, state), undefined));
    },
    writePart: (state, part, deferred) => {
      const { visit, end } = begin(state, deferred, (fetch) => fetch.part === part.label);
      const data = visit.completePart(part);
      return data && end(data);
    },
  };
}

interface Visit {
  readonly report: ErrorReport;
  readonly pending: readonly PendingPart[];
  /** @returns undefined when the fragment turns out to be for objects of other types */
  completePart(part: PendingPart): JsonObject | typeof NOTHING | undefined;
  completeObject(
    type: GraphQLObjectType,
    selection: Selection,
    position: Position,
    base: readonly Told[],
    path: Path | undefined,
  ): JsonObject | typeof NOTHING;
  /** Errors of a fetch of root fields have their places already. */
  reportRoot(fetch: Fetch): void;
  /** Errors that belong nowhere and that no null has shown. */
  reportRest(fetches: readonly Fetch[]): void;
}

/** An object's sources, those fetches included that join at it, with the place of the object in each of these. */
interface Joined {
  readonly told: readonly Told[];
  readonly places: readonly { readonly fetch: Fetch; readonly place: number }[];
}

/** A place on the way to an object. */
interface Step {
  readonly at: Position;
  /** Fetches that join here are left out. */
  readonly told: readonly Told[];
}

/** Of something that the client did not ask for. */
interface HiddenError {
  readonly error: GraphQLError;
  readonly key: PathKey;
  readonly fetch: Fetch;
}

/** Of something below an object that the client asked for. */
interface ShownError {
  readonly error: GraphQLError;
  readonly keys: readonly PathKey[];
  readonly fetch: Fetch;
}

/**
 * One walk through one answer.
 * @param isHeard of a fetch whose errors belong here: another part tells its own
 */
function createVisit(
  options: CarefulOptions,
  state: ExecutionState,
  deferred: ReadonlySet<string>,
  isHeard: (fetch: Fetch) => boolean,
): Visit {
  const { schema, types, siteOf, responseKey, rootType, root, selection: rootSelection } = options;
  const report = createErrorReport();
  const pending: PendingPart[] = [];
  const errorsByFetch = new Map<Fetch, FetchErrors>();
  const shown = new Set<GraphQLError>();
  const shownBelow: ShownError[] = [];
  /** By the path of an object: errors of its fields that the client did not ask for. */
  const hidden = new Map<string, readonly HiddenError[]>();
  for (const site of state.sites) site?.rewind();
  const isWritten = ({ mentions }: OutputField) => !mentions.every((within) => isHeldBack(within, deferred));
  /** A part inside of another comes after that. */
  const isNext = ({ label, within }: DeferredFragment) => deferred.has(label) && !isHeldBack(within, deferred);

  const errorsOf = (fetch: Fetch): FetchErrors => {
    const errors = errorsByFetch.get(fetch) ?? readFetchErrors(state, fetch);
    errorsByFetch.set(fetch, errors);
    return errors;
  };

  const show = (error: GraphQLError, path: readonly PathKey[] | undefined) => {
    shown.add(error);
    report.add(error, path);
  };

  const reportLocated = (fetch: Fetch, place: number, path: Path | undefined, under: Asked) => {
    for (const { error, rest } of errorsOf(fetch).located.get(place) ?? []) {
      const above = pathKeys(path);
      const known = toClient(rest, under);
      const next = rest.slice(0, known.length + 1);
      const keys = [...above, ...known];
      if (known.length < rest.length && isAskedFor(fetch.tree, next)) {
        next.forEach((key, i) => hide([...above, ...known.slice(0, i)], { error, key, fetch }));
      } else {
        show(error, keys.length > 0 ? keys : undefined);
        shownBelow.push({ error, keys, fetch });
      }
    }
  };

  /** Keeps an error of something the client did not ask for: of a requirement, which may be why another field is null. */
  const hide = (path: readonly PathKey[], one: HiddenError) => {
    const place = path.join(".");
    hidden.set(place, [...(hidden.get(place) ?? []), one]);
  };

  /** Explains a null by an error below it that has climbed up in the subgraph. */
  const explainFromBelow = (path: Path) => {
    if (hidden.size === 0 || report.explains(path)) return;
    const keys = pathKeys(path);
    const [first] = hidden.get(keys.join(".")) ?? [];
    if (first) show(first.error, keys);
  };

  /** Explains a field's null by an error beside it that made the whole entity null in the subgraph. */
  const explainFromBeside = (told: readonly Told[], key: string, path: Path) => {
    const lost = told.filter(({ source, value }) => value === null && source.tree.fields.has(key));
    const known = hidden.get(pathKeys(path.above).join("."));
    const cause = known?.find(({ fetch }) => lost.some(({ source }) => source.fetch === fetch));
    if (cause && !report.explains(path)) show(cause.error, pathKeys(path));
  };

  /** Explains a null by what its fetch requires and did not get. */
  const explainByRequirement = (told: readonly Told[], key: string, path: Path) => {
    const known = hidden.get(pathKeys(path.above).join("."));
    if (!known || report.explains(path)) return;
    const required = new Set(
      told
        .filter(({ source }) => source.tree.fields.has(key))
        .flatMap(({ source }) => [...requiredKeys(source.fetch.requires ?? [])]),
    );
    const cause = known.find((one) => typeof one.key === "string" && required.has(one.key));
    if (cause) show(cause.error, pathKeys(path));
  };

  /**
   * The part of a subgraph's path that is in the client's document, in its words. A subgraph is also asked for what the client did not ask
   * for, keys and requirements, and their names are no business of the client's.
   */
  const toClient = ([key, ...rest]: readonly PathKey[], { type, selection }: Asked): readonly PathKey[] => {
    const inner = getNullableType(type);
    if (key === undefined) return [];
    if (typeof key === "number")
      return isListType(inner) ? [key, ...toClient(rest, { type: inner.ofType, selection })] : [];
    if (!selection || !isCompositeType(inner)) return [];
    const candidates = isAbstractType(inner) ? schema.getPossibleTypes(inner) : [inner];
    const fields = candidates.flatMap(
      (candidate) => selection.fieldsOf(candidate).find((field) => field.key === key) ?? [],
    );
    const tails = new Map(fields.map((field) => [field.selection, field.definition]));
    const [longest] = [...tails]
      .map(([below, definition]) => (definition ? toClient(rest, { type: definition.type, selection: below }) : []))
      .sort((a, b) => b.length - a.length);
    return longest ? [responseKey(key), ...longest] : [];
  };

  /**
   * The fetches that join at the object, each with what it says of it. Null: the subgraph knows no such entity.
   *
   * @param isAside the object is not the next one of the visit
   */
  const join = (position: Position, base: readonly Told[], isAside = false): Joined => {
    const classes = new Map<Site, number>();
    const places: { readonly fetch: Fetch; readonly place: number }[] = [];
    const joined = position.joined.flatMap((source): Told[] => {
      const site = siteOf.get(source.fetch);
      if (!site) return [];
      const found = state.sites[site.index];
      let place = classes.get(site);
      if (place === undefined) {
        const identity = site.base.map((one) => asObject(base.find(({ source: known }) => known === one)?.value));
        const object = identity.find((one) => one !== undefined);
        place = (isAside ? found?.locateAside(object) : found?.locate(object)) ?? -1;
        classes.set(site, place);
      }
      if (place < 0) return [{ source, value: undefined }];
      places.push({ fetch: source.fetch, place });
      return [{ source, value: state.entities[source.fetch.index]?.[place] }];
    });
    return { told: [...base, ...joined], places };
  };

  const reportJoined = ({ places }: Joined, path: Path | undefined, asked: Asked) => {
    for (const { fetch, place } of places) if (isHeard(fetch)) reportLocated(fetch, place, path, asked);
  };

  /** The places from the root to a position, each with what the base sources say there. */
  const wayTo = (position: Position, path: Path | undefined): readonly Step[] => {
    const keys = pathKeys(path);
    const steps: Step[] = [];
    let at = root;
    let told = tellRoot(root, state);
    position.path.forEach((segment, i) => {
      steps.push({ at, told });
      const next = at.at(segment);
      const values =
        segment === "@" ? elementsOf(told, keys[i] as number) : valuesOf(join(at, told, true).told, segment);
      told = values.map(({ source, value }) => ({ source: sharesAt(next, source), value }));
      at = next;
    });
    return [...steps, { at, told }];
  };

  /** What the base sources say of an object: a part's fetches may know more of it than was known when the part was put off. */
  const tell = (position: Position, path: Path | undefined): readonly Told[] => {
    const { told } = wayTo(position, path).at(-1) as Step;
    return told.map(({ source, value }) => ({ source, value: asObject(value) }));
  };

  /** What a fetch had to be told of an object, without the name of its type where that was known before. */
  const requiredOf = (fetch: Fetch, told: readonly Told[]): ReadonlySet<string> => {
    const required = requiredKeys(fetch.requires ?? []);
    if (isNamedBefore(fetch, told)) required.delete("__typename");
    return required;
  };

  /**
   * Whether a field has no value because a subgraph that would have given it, or what it requires, does not know an entity further up that
   * another subgraph does know.
   */
  const isUnknownAbove = (position: Position, keys: ReadonlySet<string>, path: Path | undefined): boolean => {
    const suspects = new Set(givers(position, keys).map(({ fetch }) => fetch));
    for (const { at, told } of [...wayTo(position, path)].reverse()) {
      const joined = join(at, told, true).told;
      for (const source of [...at.joined].reverse()) {
        if (!suspects.has(source.fetch)) continue;
        const value = joined.find((one) => one.source === source)?.value;
        if (value === null) return true;
        if (value !== undefined) continue;
        for (const { fetch } of givers(at, requiredOf(source.fetch, joined)))
          if (source.fetch.known.has(fetch)) suspects.add(fetch);
      }
    }
    return false;
  };

  /** Whether a field has no value because a subgraph knows no such entity: the field's own, or one that should have given what it requires. */
  const isUnknownFor = (told: readonly Told[], keys: ReadonlySet<string>): boolean => {
    const unknown = told.filter(({ value }) => value === null);
    if (unknown.length === 0) return false;
    const wanted = new Set(keys);
    // What a requirement requires is wanted, too.
    for (const { source } of [...told].reverse()) {
      if (!isGiver(source, wanted)) continue;
      for (const name of requiredOf(source.fetch, told)) wanted.add(name);
    }
    return unknown.some(({ source }) => isGiver(source, wanted));
  };

  const completePart: Visit["completePart"] = ({ label, type, selection, position, path }) => {
    const joined = join(position, tell(position, path));
    const { told } = joined;
    const inPart = (object: GraphQLObjectType) =>
      selection.deferredOf(object).find((fragment) => fragment.label === label)?.selection;
    const actual = isObjectType(type) ? type : actualType(type, told);
    const candidates = actual ? [actual] : schema.getPossibleTypes(type as GraphQLAbstractType);
    const fragments = candidates.flatMap((candidate) => inPart(candidate) ?? []);
    const [fragment] = fragments;
    if (!fragment) return undefined;
    reportJoined(joined, path, { type: actual ?? type, selection: fragment });
    if (actual) return completeFields(actual, fragment, position, told, path);
    const any = fragments.length === candidates.length ? typeForAll(fragment, candidates, isWritten) : undefined;
    if (any) return completeFields(any, fragment, position, told, path, type);
    explainUntyped(position, told, path);
    return NOTHING;
  };

  const completeObject: Visit["completeObject"] = (type, selection, position, base, path) => {
    const joined = join(position, base);
    reportJoined(joined, path, { type, selection });
    return completeFields(type, selection, position, joined.told, path);
  };

  const completeFields = (
    type: GraphQLObjectType,
    selection: Selection,
    position: Position,
    told: readonly Told[],
    path: Path | undefined,
    known: GraphQLObjectType | GraphQLAbstractType = type,
  ): JsonObject | typeof NOTHING => {
    // Without a prototype: a client may choose any response key, "__proto__" included.
    const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const field of selection.fieldsOf(type)) {
      if (!isWritten(field)) continue;
      const key = responseKey(field.key);
      const value = completeField(type, field, position, told, { above: path, key }, isObjectType(known));
      if (value === NOTHING) return NOTHING;
      object[key] = value;
    }
    // Again, now that everything below has been seen.
    if (hidden.size > 0) {
      for (const { key } of selection.fieldsOf(type)) {
        const clients = responseKey(key);
        if (object[clients] === null) explainByRequirement(told, key, { above: path, key: clients });
      }
    }
    const candidates = isObjectType(known) ? [known] : schema.getPossibleTypes(known);
    const fragments = candidates.flatMap((candidate) => selection.deferredOf(candidate));
    for (const label of new Set(fragments.filter(isNext).map((fragment) => fragment.label))) {
      pending.push({ label, selection, path, type: known, position });
    }
    return object;
  };

  const completeField = (
    type: GraphQLObjectType,
    field: OutputField,
    position: Position,
    told: readonly Told[],
    path: Path,
    isTyped: boolean,
  ): unknown => {
    const { key, name, definition, selection } = field;
    if (!definition) {
      if (name === "__typename") return type.name;
      const text = state.introspection[key];
      return text === undefined ? null : (JSON.parse(text) as unknown);
    }
    const values = valuesOf(told, key);
    if (hidden.size > 0 && values.every(({ value }) => value === null || value === undefined)) {
      explainByRequirement(told, key, path);
    }
    if (values.every(({ value }) => value === undefined)) {
      // A subgraph that knows no such entity has nothing to say of its fields: that is null, and no fault of the field.
      if (hidden.size > 0) explainFromBeside(told, key, path);
      // A fetch for objects of one type leaves out those of which nobody could say what they are.
      const wanted = new Set(isTyped ? [key] : [key, "__typename"]);
      const isUnknownEntity = isUnknownFor(told, wanted);
      const isNullable = !isNonNullType(definition.type);
      if (isUnknownEntity && isNullable) return null;
      explainMissing(position, told, wanted, path, isUnknownEntity);
      return isNullable ? null : NOTHING;
    }
    const next = position.at(key);
    const below = values.map(({ source, value }) => ({ source: sharesAt(next, source), value }));
    return completeValue(definition.type, below, next, selection, path);
  };

  const completeValue = (
    type: GraphQLOutputType,
    values: readonly Told[],
    position: Position,
    selection: Selection | undefined,
    path: Path,
  ): unknown => {
    if (isNonNullType(type)) {
      const value = completeValue(type.ofType, values, position, selection, path);
      if (value !== null) return value;
      if (!report.explains(path)) report.add(unexpectedNull(), pathKeys(path));
      return NOTHING;
    }
    const before = pending.length;
    const value = completeNullable(type, values, position, selection, path);
    if (value !== NOTHING) return value;
    // Of what is null now nothing can follow.
    pending.length = before;
    return null;
  };

  const completeNullable = (
    type: GraphQLOutputType,
    values: readonly Told[],
    position: Position,
    selection: Selection | undefined,
    path: Path,
  ): unknown => {
    const latest = values.reduce<unknown>((found, { value }) => either(value, found), undefined);
    if (latest === null || latest === undefined) {
      explainFromBelow(path);
      if (latest === undefined && !report.explains(path)) report.add(invalid(), pathKeys(path));
      return null;
    }
    if (isLeafType(type)) {
      const value = completeLeaf(type, latest);
      if (value === undefined) report.add(invalid(), pathKeys(path));
      return value ?? null;
    }
    if (isListType(type)) return completeList(type.ofType, values, position, selection, path);
    const objects = values.map(({ source, value }) => ({ source, value: asObject(value) }));
    if (!selection || objects.every(({ value }) => value === undefined)) {
      report.add(invalid(), pathKeys(path));
      return null;
    }
    if (isObjectType(type)) return completeObject(type, selection, position, objects, path);
    if (!isAbstractType(type)) return null;
    const joined = join(position, objects);
    const { told } = joined;
    const actual = actualType(type, told);
    reportJoined(joined, path, { type: actual ?? type, selection });
    if (actual) return completeFields(actual, selection, position, told, path);
    const typename = typenameOf(told);
    const isUnnamed = typename === undefined || typename === type.name;
    const any = isUnnamed ? typeForAll(selection, schema.getPossibleTypes(type), isWritten) : undefined;
    if (any) return completeFields(any, selection, position, told, path, type);
    explainUntyped(position, told, path);
    return null;
  };

  const typenameOf = (told: readonly Told[]): unknown =>
    valuesOf(told, "__typename").reduce<unknown>((found, { value }) => types.latestTypename(value, found), undefined);

  /** Whether it was known before a fetch which object type this is: a subgraph with an interface object names the interface. */
  const isNamedBefore = ({ known }: Fetch, told: readonly Told[]): boolean =>
    isObjectType(schema.getType(String(typenameOf(told.filter(({ source }) => known.has(source.fetch))))));

  const actualType = (type: GraphQLAbstractType, told: readonly Told[]): GraphQLObjectType | undefined => {
    const typename = typenameOf(told);
    const actual = typeof typename === "string" ? schema.getType(typename) : undefined;
    return isObjectType(actual) && schema.isSubType(type, actual) ? actual : undefined;
  };

  /** A type that is not in the clients' schema, or an interface object of which nobody knows what it is. */
  const explainUntyped = (position: Position, told: readonly Told[], path: Path | undefined) => {
    const wanted = new Set(["__typename"]);
    if (!report.explains(path)) explainMissing(position, told, wanted, path, isUnknownFor(told, wanted));
  };

  const completeList = (
    type: GraphQLOutputType,
    values: readonly Told[],
    position: Position,
    selection: Selection | undefined,
    path: Path,
  ): unknown => {
    const lists = values.filter(({ value }) => Array.isArray(value));
    const [first] = lists;
    if (!first) {
      report.add(invalid(), pathKeys(path));
      return null;
    }
    const next = position.at("@");
    // Lists of leaves come from one source: its later word counts as a whole.
    const chosen = isLeafType(getNamedType(type)) ? lists.slice(-1) : lists;
    const items: unknown[] = [];
    const { length } = (chosen[0] ?? first).value as readonly unknown[];
    for (let i = 0; i < length; i++) {
      const elements = elementsOf(chosen, i).map(({ source, value }) => ({ source: sharesAt(next, source), value }));
      const item = completeValue(type, elements, next, selection, { above: path, key: i });
      if (item === NOTHING) return NOTHING;
      items.push(item);
    }
    return items;
  };

  /** Why a field has no value at all: the fault of the fetch that should have given it, or of one before it. */
  const explainMissing = (
    position: Position,
    told: readonly Told[],
    keys: ReadonlySet<string>,
    path: Path | undefined,
    isUnknownEntity: boolean,
  ) => {
    if (report.explains(path)) return;
    const responsible = told.filter(({ source }) => isGiver(source, keys)).map(({ source }) => source.fetch);
    const suspects = responsible.length > 0 ? responsible : [...position.joined, ...position.base].map((s) => s.fetch);
    for (const fetch of suspects.flatMap((one) => [one, ...[...one.known].reverse()])) {
      const [error] = causesOf(fetch);
      if (error) return show(error, pathKeys(path));
    }
    const lost = causeBeside(told, suspects, path?.above);
    if (lost) return show(lost, pathKeys(path));
    const isUnknown = isUnknownEntity || isUnknownAbove(position, keys, path);
    report.add(isUnknown ? unknownEntity() : invalid(), pathKeys(path));
  };

  /** An error below the object that made all of it null in one of those fetches, or in one that was to give what they require. */
  const causeBeside = (told: readonly Told[], fetches: readonly Fetch[], object: Path | undefined) => {
    if (shownBelow.length === 0) return undefined;
    const isNeeded = (one: Fetch) => fetches.some((fetch) => fetch === one || fetch.known.has(one));
    const without = told.filter(({ source, value }) => asObject(value) === undefined && isNeeded(source.fetch));
    if (without.length === 0) return undefined;
    const above = pathKeys(object);
    const isBelow = ({ keys }: ShownError) => keys.length > above.length && above.every((key, i) => key === keys[i]);
    return shownBelow.find((one) => without.some(({ source }) => source.fetch === one.fetch) && isBelow(one))?.error;
  };

  const causesOf = (fetch: Fetch): readonly GraphQLError[] => {
    const { general, all } = errorsOf(fetch);
    const isWithoutData = state.replies[fetch.index]?.data === null;
    return isWithoutData && general.length === 0 ? all : general;
  };

  return {
    report,
    pending,
    completePart,
    completeObject,
    reportRoot: (fetch) => reportLocated(fetch, 0, undefined, { type: rootType, selection: rootSelection }),
    reportRest: (own) => {
      for (const fetch of own) {
        for (const error of errorsOf(fetch).general) if (!shown.has(error)) show(error, undefined);
      }
    },
  };
}

/** What those sources that were asked for a field say of it. */
function valuesOf(told: readonly Told[], key: string): readonly Told[] {
  return told.flatMap(({ source, value }): Told[] => {
    const object = source.tree.fields.has(key) ? asObject(value) : undefined;
    return object && Object.hasOwn(object, key) ? [{ source, value: object[key] }] : [];
  });
}

const tellRoot = (root: Position, state: ExecutionState): readonly Told[] =>
  root.base.map((source) => ({ source, value: state.roots[source.fetch.index] }));

/** Whether a source was asked for one of the fields. */
const isGiver = ({ tree }: Source, keys: ReadonlySet<string>): boolean => [...keys].some((key) => tree.fields.has(key));

const givers = ({ base, joined }: Position, keys: ReadonlySet<string>): readonly Source[] =>
  [...base, ...joined].filter((source) => isGiver(source, keys));

/** What those sources that have a list say of one of its elements. */
const elementsOf = (told: readonly Told[], index: number): readonly Told[] =>
  told.flatMap(({ source, value }) => (Array.isArray(value) ? [{ source, value: value[index] as unknown }] : []));

/** Whether a fetch selects what lies at a path. */
function isAskedFor(tree: SelectionTree, [key, ...rest]: readonly PathKey[]): boolean {
  if (key === undefined) return true;
  const below = typeof key === "number" ? tree : tree.fields.get(key);
  return below !== undefined && isAskedFor(below, rest);
}

/** The share of the same fetch one step further down. */
const sharesAt = (position: Position, source: Source): Source =>
  position.base.find(({ fetch }) => fetch === source.fetch) ?? source;

/** @returns undefined when the value is not of the type */
function completeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  if (isEnumType(type)) return typeof value === "string" && type.getValue(value) ? value : undefined;
  switch (type.name) {
    case "Int":
      return typeof value === "number" && (value | 0) === value ? value : undefined;
    case "Float":
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    case "Boolean":
      return typeof value === "boolean" ? value : undefined;
    case "String":
      return typeof value === "string" ? value : undefined;
    case "ID":
      return typeof value === "string" ? value : Number.isInteger(value) ? String(value) : undefined;
    default:
      return value;
  }
}

const invalid = () =>
  new GraphQLError("The service behind this field gave a value that does not fit the schema.", {
    extensions: { code: "SUBGRAPH_RESPONSE_INVALID" },
  });

const unexpectedNull = () =>
  new GraphQLError("The service behind this field gave null where the schema allows none.", {
    extensions: { code: "SUBGRAPH_RESPONSE_INVALID" },
  });

const unknownEntity = () =>
  new GraphQLError("The service behind this field does not know the entity that another one refers to.", {
    extensions: { code: "ENTITY_NOT_FOUND" },
  });
