/** How many objects an answer holds. @param leftOut the keys of fields whose values are no part of the graph: scalars that look like objects, introspection */
export const objectsIn = (value: unknown, leftOut: readonly string[]): number =>
  typeof value === "object" && value !== null
    ? Object.entries(value).reduce<number>(
        (sum, [key, one]) => (leftOut.includes(key) ? sum : sum + objectsIn(one, leftOut)),
        Array.isArray(value) ? 0 : 1,
      )
    : 0;
