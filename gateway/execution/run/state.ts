import type { SubgraphReply } from "../../upstream/upstreams";
import type { Fetch } from "../plan/fetch";

export type JsonObject = Readonly<Record<string, unknown>>;

/** The objects found at one site in one execution, and their classes. */
export class SiteState {
  /** The identity of each object, in the order of the walk; an object that several parents share is there once for each. */
  readonly objects: object[] = [];
  /** The class of each of `objects`; -1 for an object that is not asked for. */
  readonly classes: number[] = [];
  /** For each base source of the site: its part of the first object of each class. */
  readonly firsts: (JsonObject | undefined)[][] = [];
  /** For each site beside this one: the class there of the first object of each class. */
  readonly beside: number[][] = [];
  /** What context rewrites found for each class. */
  readonly contexts: ContextOf[] = [];
  /** What the writer keeps of each class: runs of fields that have the same text for all its objects. By run, then by class. */
  readonly texts: (string | undefined)[][] = [];
  /** How many classes there are. */
  size = 0;
  /** Where the next object is expected. */
  private cursor = 0;
  private indices: Map<object, number> | undefined;

  /** Begins another visit in the order of the walk. */
  rewind(): void {
    this.cursor = 0;
  }

  /** @returns the class of an object, -1 when it has none. Quick for whoever visits in the order of the walk, right for everybody. */
  locate(object: object | undefined): number {
    if (object !== undefined && this.objects[this.cursor] === object) return this.classes[this.cursor++] as number;
    return this.search(object);
  }

  /** The same for a look at another object in between: the visit goes on where it was. */
  locateAside(object: object | undefined): number {
    const { cursor } = this;
    const found = this.locate(object);
    this.cursor = cursor;
    return found;
  }

  private search(object: object | undefined): number {
    if (object === undefined) return -1;
    this.indices ??= new Map(this.objects.map((known, i) => [known, i]));
    const index = this.indices.get(object);
    if (index === undefined) return -1;
    this.cursor = index + 1;
    return this.classes[index] as number;
  }
}

/** An object as one fetch knows it. */
export interface FetchPlace {
  readonly fetch: Fetch;
  /** The class of the object; 0 in a fetch of root fields. */
  readonly place: number;
}

/** What a subgraph is to be told of the objects above one, by argument; or where the null is because of which nobody can say. */
export type ContextOf =
  { readonly given: Readonly<Record<string, unknown>> } | { readonly lack: FetchPlace | undefined };

/** Which representation stands for a class, and under which key its result comes. */
export interface Asked {
  readonly alias: string;
  /** By class: the place in the list that was sent; -1 when it was not sent. */
  readonly places: readonly number[];
}

/** Everything one execution has learnt so far. Answers of subgraphs are never changed. */
export interface ExecutionState {
  /** By fetch: the data of a fetch of root fields. */
  readonly roots: (JsonObject | undefined)[];
  /** By fetch: the results by class. */
  readonly entities: (readonly unknown[] | undefined)[];
  /** By site. */
  readonly sites: (SiteState | undefined)[];
  /** By fetch: the answer it came with, shared with other fetches of one call. */
  readonly replies: (SubgraphReply | undefined)[];
  /** By fetch of entities: how its representations were sent. */
  readonly asked: (Asked | undefined)[];
  /** By fetch with context arguments: the classes that were asked under each set of them, in the order they were sent. */
  readonly contextSets: (readonly (readonly number[])[] | undefined)[];
  /** By fetch of entities: the classes that were not asked because of what they had to be told nobody knows enough, and where the null is. */
  readonly lacks: (Map<number, FetchPlace> | undefined)[];
  /** The texts of introspection fields, by response key. */
  readonly introspection: Readonly<Record<string, string>>;
  /** How many objects of the answer the compiled writer has written. */
  objects: number;
}

export function createState(
  fetches: number,
  sites: number,
  introspection: Readonly<Record<string, string>>,
): ExecutionState {
  return {
    introspection,
    roots: new Array<JsonObject | undefined>(fetches).fill(undefined),
    entities: new Array<readonly unknown[] | undefined>(fetches).fill(undefined),
    sites: new Array<SiteState | undefined>(sites).fill(undefined),
    replies: new Array<SubgraphReply | undefined>(fetches).fill(undefined),
    contextSets: new Array<readonly (readonly number[])[] | undefined>(fetches).fill(undefined),
    asked: new Array<Asked | undefined>(fetches).fill(undefined),
    lacks: [],
    objects: 0,
  };
}

/** Notes why a fetch did not ask about one of its classes. */
export function noteLack(state: ExecutionState, { fetch, place }: FetchPlace, lack: FetchPlace): void {
  (state.lacks[fetch.index] ??= new Map<number, FetchPlace>()).set(place, lack);
}

/** An object of an answer; anything else a subgraph may put in its place is none. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** Prefers the later source, unless it has null where the earlier one knows more. */
export const either = (later: unknown, earlier: unknown): unknown =>
  later !== undefined && later !== null ? later : earlier !== undefined ? earlier : later;

/** An element of what should be a list. */
export const elementOf = (list: unknown, index: number): unknown =>
  Array.isArray(list) ? (list as unknown[])[index] : undefined;
