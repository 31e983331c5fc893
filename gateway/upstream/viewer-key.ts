import type { Identity, Viewer } from "../../kit/viewer";

const keys = new WeakMap<Identity, string>();

/** Equal for viewers of equal value only, whatever a viewer may consist of; made once for each object. */
export function viewerKey(viewer: Viewer): string {
  if (!viewer) return "";
  const known = keys.get(viewer);
  if (known !== undefined) return known;
  const key = JSON.stringify(viewer);
  keys.set(viewer, key);
  return key;
}
