import type { IncomingMessage } from "node:http";
import { searchOf } from "./read-graphql-request";

/** The same address with another cursor, so that the size of a page and whatever else was asked for stays. */
export function nextPage(req: IncomingMessage, cursor: string): string {
  const [path = ""] = (req.url ?? "").split("?", 1);
  const search = new URLSearchParams(searchOf(req));
  search.set("after", cursor);
  // In a header between angle brackets, where neither of them may be.
  return `${path}?${search.toString()}`.replace(/[<>\s]/g, encodeURIComponent);
}
