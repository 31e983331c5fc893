/** Things that come and go under names, like a `Map`. */
export interface Places<Thing> {
  get(name: string): Thing | undefined;
  set(name: string, thing: Thing): void;
  delete(name: string): void;
}

/**
 * A map from names to numbered places. A `Map` of the things themselves makes itself a new table whenever the present one is used up, and its old table goes
 * on pointing to the new one and to everything that was in it: where the tables have grown old, that keeps alive what left the map long ago, until the next full
 * collection. Old tables of this one hold names.
 */
export function createPlaces<Thing>(): Places<Thing> {
  const places = new Map<string, number>();
  const things: (Thing | undefined)[] = [];
  const free: number[] = [];

  return {
    get: (name) => {
      const place = places.get(name);
      return place === undefined ? undefined : things[place];
    },
    set: (name, thing) => {
      let place = places.get(name);
      if (place === undefined) places.set(name, (place = free.pop() ?? things.length));
      things[place] = thing;
    },
    delete: (name) => {
      const place = places.get(name);
      if (place === undefined) return;
      places.delete(name);
      things[place] = undefined;
      free.push(place);
    },
  };
}
