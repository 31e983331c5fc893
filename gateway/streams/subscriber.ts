import { GraphQLError } from "graphql";
import type { ErrorCode } from "../../kit/errors";
import type { Viewer } from "../../kit/viewer";

/** Whose limit of subscriptions one counts for, on whatever transport. @param address of the peer of the connection */
export const clientOf = (viewer: Viewer, address: string | undefined): string =>
  viewer ? `${viewer.kind}:${viewer.subject}` : `address:${address ?? ""}`;

/** @returns `extensions.resume.cursor` of an operation, undefined when nothing is to be resumed, or what is wrong with it */
export function resumeCursorOf(
  extensions: Readonly<Record<string, unknown>> | null | undefined,
): string | GraphQLError | undefined {
  const resume = extensions?.["resume"];
  if (resume === undefined || resume === null) return undefined;
  if (typeof resume === "object") {
    const cursor = (resume as Readonly<Record<string, unknown>>)["cursor"];
    if (cursor === undefined || cursor === null) return undefined;
    if (typeof cursor === "string") return cursor;
  }
  const code: ErrorCode = "SUBSCRIPTION_INVALID_CURSOR";
  return new GraphQLError("The cursor to resume from must be a text.", {
    extensions: { code },
  });
}
