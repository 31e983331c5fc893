import type { User } from "../domain/user";
import { mayFindByEmail } from "../domain/visibility";
import type { UsersContext } from "./users-context";

/**
 * Resolves a `User` that another subgraph refers to, by `id`, or by `email` for those who may find users so (domain/visibility.ts); to
 * everyone else an address leads nowhere.
 */
export async function resolveUserReference(
  reference: { id?: unknown; email?: unknown },
  { viewer, loaders }: UsersContext,
): Promise<User | null> {
  if (typeof reference.id === "string") return (await loaders.userById.load(reference.id)) ?? null;
  if (typeof reference.email !== "string") return null;
  const user = await loaders.userByEmail.load(reference.email);
  return user && mayFindByEmail(viewer, user) ? user : null;
}
