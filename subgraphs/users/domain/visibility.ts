import { forbidden } from "../../../kit/errors";
import { hasScope, requireIdentity, requireScope, type Viewer } from "../../../kit/viewer";
import type { User } from "./user";

const READ_USERS = "users:read";

const isSelf = (viewer: Viewer, user: User): boolean => viewer?.kind === "user" && viewer.subject === user.id;

/** Line one of looking up any user. @throws ClientError UNAUTHENTICATED or FORBIDDEN */
export const requireReadUsers = (viewer: Viewer): void => void requireScope(viewer, READ_USERS);

/**
 * Line one of reading what is personal of a user: their address, their roles. Name and date are what others see, e.g. beside a review.
 * @throws ClientError UNAUTHENTICATED or FORBIDDEN
 */
export function requirePersonal(viewer: Viewer, user: User): void {
  requireIdentity(viewer);
  if (!isSelf(viewer, user) && !hasScope(viewer, READ_USERS)) {
    throw forbidden("Only the user and those who may read users see this.");
  }
}

/**
 * Whether a user may be found by their e-mail address. To others the answer is that there is none: otherwise `_entities` could be asked
 * who has an account.
 */
export const mayFindByEmail = (viewer: Viewer, user: User): boolean =>
  isSelf(viewer, user) || hasScope(viewer, READ_USERS) || viewer?.kind === "service";
