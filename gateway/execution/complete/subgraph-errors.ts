import type { GraphQLError } from "graphql";
import type { AnswerShape } from "../layout/answer-shape";
import type { Fetch } from "../plan/fetch";
import type { SelectionTree } from "../plan/selection-tree";
import type { ExecutionState, FetchPlace } from "../run/state";
import { type Asked, clientPath } from "./client-path";
import { type ErrorReport, type Path, type PathKey, pathKeys } from "./error-report";
import { type FetchErrors, readFetchErrors } from "./fetch-errors";

/** Of a field of an object that the client did not ask for: of a requirement, which may be why another field is null. */
export interface HiddenError {
  readonly error: GraphQLError;
  readonly key: PathKey;
  readonly fetch: Fetch;
}

/** Of something at or below an object that the client asked for. */
export interface ShownError {
  readonly error: GraphQLError;
  readonly keys: readonly PathKey[];
  readonly fetch: Fetch;
}

/**
 * The errors of subgraphs, on their way into one answer. "Handling Field Errors" (6.4.4): an error is in the list once, at the path of the field
 * that it made null. Those that name fields of the client's document are shown as an object comes up; those of fields that only the plan knows are
 * kept, for the nulls that they explain. https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 */
export interface SubgraphErrors {
  /** Notes the errors of root fields that a part before has told: they may be why something is null in this one. */
  recall(fetches: readonly Fetch[], asked: Asked): void;
  /** The first of those at, above or below a path that one of some fetches told. */
  recalledAt(path: Path | undefined, fetches: readonly Fetch[]): GraphQLError | undefined;
  /** Takes up the errors of an object that fetches were about. */
  meet(places: readonly FetchPlace[], path: Path | undefined, asked: Asked): void;
  show(error: GraphQLError, path: readonly PathKey[]): void;
  /** Shows errors of these fetches that belong nowhere and that no null has shown. */
  showRest(fetches: readonly Fetch[]): void;
  /** Kept at an object. */
  hiddenAt(object: Path | undefined): readonly HiddenError[];
  /** The first of some fetches that was shown anywhere below an object, in this part or one before. */
  shownBelow(object: Path | undefined, fetches: ReadonlySet<Fetch>): GraphQLError | undefined;
  /** The first of those in an object that a fetch was about. */
  of(place: FetchPlace): GraphQLError | undefined;
  /** Why a fetch gave nothing at all. */
  causesOf(fetch: Fetch): readonly GraphQLError[];
}

/** @param isHeard of a fetch whose errors belong here: another part tells its own */
export function createSubgraphErrors(
  shape: AnswerShape,
  state: ExecutionState,
  report: ErrorReport,
  isHeard: (fetch: Fetch) => boolean,
): SubgraphErrors {
  const errorsByFetch = new Map<Fetch, FetchErrors>();
  const shown = new Set<GraphQLError>();
  const shownAtPlaces: ShownError[] = [];
  const recalled: ShownError[] = [];
  /** By the path of an object. */
  const hidden = new Map<string, readonly HiddenError[]>();

  const errorsOf = (fetch: Fetch): FetchErrors => {
    const errors = errorsByFetch.get(fetch) ?? readFetchErrors(state, fetch);
    errorsByFetch.set(fetch, errors);
    return errors;
  };

  const show = (error: GraphQLError, path: readonly PathKey[] | undefined) => {
    shown.add(error);
    report.add(error, path);
  };

  const hide = (object: readonly PathKey[], one: HiddenError) => {
    const place = textOf(object);
    hidden.set(place, [...(hidden.get(place) ?? []), one]);
  };

  const meetOne = ({ fetch, place }: FetchPlace, path: Path | undefined, asked: Asked) => {
    for (const { error, rest } of errorsOf(fetch).located.get(place) ?? []) {
      const above = pathKeys(path);
      const known = clientPath(shape, rest, asked);
      const next = rest.slice(0, known.length + 1);
      const keys = [...above, ...known];
      if (known.length < rest.length && isAskedFor(fetch.tree, next)) {
        next.forEach((key, i) => hide([...above, ...known.slice(0, i)], { error, key, fetch }));
      } else {
        show(error, keys.length > 0 ? keys : undefined);
        shownAtPlaces.push({ error, keys, fetch });
      }
    }
  };

  return {
    recall: (fetches, asked) => {
      for (const fetch of fetches) {
        for (const { error, rest } of errorsOf(fetch).located.get(0) ?? []) {
          recalled.push({ error, keys: clientPath(shape, rest, asked), fetch });
        }
      }
    },
    recalledAt: (path, fetches) => {
      if (recalled.length === 0) return undefined;
      const at = pathKeys(path);
      const isOnTheWay = (keys: readonly PathKey[]) => keys.slice(0, at.length).every((key, i) => key === at[i]);
      return recalled.find(({ keys, fetch }) => fetches.includes(fetch) && isOnTheWay(keys))?.error;
    },
    meet: (places, path, asked) => {
      for (const one of places) if (isHeard(one.fetch)) meetOne(one, path, asked);
    },
    show,
    showRest: (fetches) => {
      for (const fetch of fetches) {
        for (const error of errorsOf(fetch).general) if (!shown.has(error)) show(error, undefined);
      }
    },
    hiddenAt: (object) => (hidden.size > 0 ? hidden.get(textOf(pathKeys(object))) : undefined) ?? NONE,
    shownBelow: (object, fetches) => {
      if (fetches.size === 0) return undefined;
      const above = pathKeys(object);
      const isBelow = (keys: readonly PathKey[]) =>
        keys.length > above.length && above.every((key, i) => key === keys[i]);
      return [...shownAtPlaces, ...recalled].find(({ keys, fetch }) => fetches.has(fetch) && isBelow(keys))?.error;
    },
    of: ({ fetch, place }) => errorsOf(fetch).located.get(place)?.[0]?.error,
    causesOf: (fetch) => {
      const { general, all } = errorsOf(fetch);
      const isWithoutData = state.replies[fetch.index]?.data === null;
      return isWithoutData && general.length === 0 ? all : general;
    },
  };
}

const NONE: readonly HiddenError[] = Object.freeze([]);

/** Response keys are GraphQL names and hold no dot. */
const textOf = (keys: readonly PathKey[]): string => keys.join(".");

/** Whether a fetch selects what lies at a path. */
function isAskedFor(tree: SelectionTree, [key, ...rest]: readonly PathKey[]): boolean {
  if (key === undefined) return true;
  const below = typeof key === "number" ? tree : tree.fields.get(key);
  return below !== undefined && isAskedFor(below, rest);
}
