import type { DeferredAnswer } from "../../execution/executor";
import type { Path } from "./compare";

/** What a client makes of a first answer and the parts that follow. */
export interface MergedAnswer {
  readonly data: unknown;
  /** Paths of the parts that are null as a whole. */
  readonly lost: readonly Path[];
}

/** @throws Error when a part belongs where nothing is, or says otherwise of what is known already */
export function mergeParts(data: unknown, parts: readonly DeferredAnswer[]): MergedAnswer {
  const lost: Path[] = [];
  const shadows: Shadow[] = [];
  for (const part of parts) {
    const place = placeOf(part.path, data, shadows);
    const value: unknown = JSON.parse(part.data);
    if (!isObject(place)) throw new Error(`a part belongs at ${part.path.join(".")}, where there is no object`);
    if (value === null) lost.push(part.path);
    else if (isObject(value)) merge(place, value, part.path, { lost, shadows });
    else throw new Error(`a part at ${part.path.join(".")} is no object`);
  }
  return { data, lost };
}

/** What a part says of an object that is null for what came before; a part inside of it belongs there. */
interface Shadow {
  readonly path: Path;
  readonly value: object;
}

function placeOf(path: Path, data: unknown, shadows: readonly Shadow[]): unknown {
  const within = [{ path: [] as Path, value: data }, ...shadows].filter((one) =>
    one.path.every((key, i) => key === path[i]),
  );
  const places = within.map((one) => path.slice(one.path.length).reduce<unknown>((at, key) => own(at, key), one.value));
  return places.find(isObject);
}

/** A null of one of them that the other does not share has climbed in that one alone; where nothing is put off it climbs in both. */
function merge(
  into: object,
  from: object,
  path: Path,
  found: { readonly lost: Path[]; readonly shadows: Shadow[] },
): void {
  for (const [key, value] of Object.entries(from)) {
    const known = own(into, key);
    if (known === undefined) {
      // Plain assignment would do something else with "__proto__".
      Object.defineProperty(into, key, { value, enumerable: true, writable: true, configurable: true });
    } else if (isObject(known) && isObject(value) && Array.isArray(known) === Array.isArray(value)) {
      merge(known, value, [...path, keyOf(into, key)], found);
    } else if (isObject(known) && value === null) {
      found.lost.push([...path, keyOf(into, key)]);
    } else if (known === null && isObject(value)) {
      found.shadows.push({ path: [...path, keyOf(into, key)], value });
    } else if (known !== value) {
      throw new Error(`two parts disagree about ${[...path, key].join(".")}`);
    }
  }
}

const keyOf = (of: object, key: string): string | number => (Array.isArray(of) ? Number(key) : key);

const own = (at: unknown, key: string | number): unknown =>
  isObject(at) && Object.hasOwn(at, key) ? (at as Record<string | number, unknown>)[key] : undefined;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
