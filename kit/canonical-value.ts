/** The same JSON value with the keys of its objects in order, so that equal values have equal texts. */
export function canonicalValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalValue);
  if (typeof value !== "object" || value === null) return value;
  const source = value as Readonly<Record<string, unknown>>;
  const sorted = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(source).sort())
    if (source[key] !== undefined) sorted[key] = canonicalValue(source[key]);
  return sorted;
}
