/** JSON with the keys of its objects in order: equal values have equal texts. */
export const canonicalText = (value: object): string =>
  isEmpty(value)
    ? "{}"
    : JSON.stringify(value, (_, inner: unknown) =>
        typeof inner === "object" && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
          : inner,
      );

/** As most fields' arguments are. */
function isEmpty(value: object): boolean {
  for (const _ in value) return false;
  return true;
}
