import type { AnswerShape } from "../layout/answer-shape";
import type { Position, Source } from "../layout/position";
import type { Site } from "../layout/site";
import { asObject, type ExecutionState, type FetchPlace } from "../run/state";
import type { Told } from "../run/told";
import { type Path, type PathKey, pathKeys } from "./error-report";

/** What all sources say of an object, with its place in each of the fetches that join at it. */
export interface Joined {
  readonly told: readonly Told[];
  readonly places: readonly FetchPlace[];
}

/** A place on the way to an object. */
export interface Step extends Joined {
  readonly position: Position;
  /** What comes from above. */
  readonly base: readonly Told[];
}

/**
 * "Value Resolution" (6.4.2): a service finds the value of a field in its own way. Ours lies in the answers of the subgraphs, in as many of
 * them as were asked for it. https://spec.graphql.org/October2021/#sec-Value-Resolution
 */
export interface ResolveValues {
  readonly root: readonly Told[];
  /** Adds the fetches that join at the next object of the visit, each with what it says of it. Null: the subgraph knows no such entity. */
  join(position: Position, base: readonly Told[]): Joined;
  /** The places from the root to a position. */
  wayTo(position: Position, path: Path | undefined): readonly Step[];
}

export function resolveValues({ root, siteOf }: AnswerShape, state: ExecutionState): ResolveValues {
  const rootTold = root.base.map((source) => ({ source, value: state.roots[source.fetch.index] }));

  const classAt = ({ base: known, index }: Site, base: readonly Told[], isAside: boolean): number => {
    const identity = known
      .map((one) => asObject(base.find(({ source }) => source === one)?.value))
      .find((object) => object !== undefined);
    const site = state.sites[index];
    return (isAside ? site?.locateAside(identity) : site?.locate(identity)) ?? -1;
  };

  /** @param isAside the object is not the next one of the visit */
  const join = (position: Position, base: readonly Told[], isAside: boolean): Joined => {
    const classes = new Map<Site, number>();
    const places: FetchPlace[] = [];
    const joined = position.joined.flatMap((source): Told[] => {
      const { fetch } = source;
      const site = siteOf.get(fetch);
      if (!site) return [];
      const place = classes.get(site) ?? classAt(site, base, isAside);
      classes.set(site, place);
      if (place < 0) return [{ source, value: undefined }];
      places.push({ fetch, place });
      return [{ source, value: state.entities[fetch.index]?.[place] }];
    });
    return { told: [...base, ...joined], places };
  };

  const stepTo = (position: Position, base: readonly Told[]): Step => ({
    position,
    base,
    ...join(position, base, true),
  });

  return {
    root: rootTold,
    join: (position, base) => join(position, base, false),
    wayTo: ({ path: segments }, path) => {
      const keys = pathKeys(path);
      let step = stepTo(root, rootTold);
      const steps = [step];
      segments.forEach((segment, i) => {
        const next = step.position.at(segment);
        step = stepTo(next, toldBelow(step.told, segment === "@" ? (keys[i] as number) : segment, next));
        steps.push(step);
      });
      return steps;
    },
  };
}

/** What the sources say of a field, or of an element of a list, each with the share of its fetch there. */
export function toldBelow(told: readonly Told[], key: PathKey, next: Position): readonly Told[] {
  const below: Told[] = [];
  for (const one of told) {
    if (!holds(one, key)) continue;
    below.push({ source: shareAt(next, one.source), value: (one.value as Readonly<Record<PathKey, unknown>>)[key] });
  }
  return below;
}

/** Whether a source was asked for a field and has something to say of it; or has a list. */
export function holds({ source, value }: Told, key: PathKey): boolean {
  if (typeof key === "number") return Array.isArray(value);
  const object = source.tree.fields.has(key) ? asObject(value) : undefined;
  return object !== undefined && Object.hasOwn(object, key);
}

const shareAt = ({ base }: Position, source: Source): Source =>
  base.find(({ fetch }) => fetch === source.fetch) ?? source;

/** Whether a source was asked for one of the fields. */
export const isGiver = ({ tree }: Source, keys: ReadonlySet<string>): boolean =>
  [...keys].some((key) => tree.fields.has(key));
