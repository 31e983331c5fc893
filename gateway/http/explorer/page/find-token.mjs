const tokenNames = new Set(["accesstoken", "authtoken", "idtoken", "jwt", "token"]);
const maxDepth = 5;

/**
 * The first access token in a result: a string of some length under a name that says so.
 *
 * @param {unknown} data
 * @returns {{ path: string, token: string } | undefined} `path` such as `logIn.accessToken`
 */
export function findToken(data, path = [], depth = 0) {
  if (!data || typeof data !== "object" || depth > maxDepth) return undefined;
  for (const [name, value] of Object.entries(data)) {
    const here = [...path, name];
    const isToken = typeof value === "string" && value.length >= 16;
    if (isToken && tokenNames.has(name.toLowerCase().replaceAll("_", ""))) {
      return { path: here.join("."), token: value };
    }
    const deeper = findToken(value, here, depth + 1);
    if (deeper) return deeper;
  }
  return undefined;
}
