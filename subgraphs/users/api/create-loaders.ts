import DataLoader from "dataloader";
import { isId } from "../../../kit/ids";
import type { UserStore } from "../domain/ports";
import { isEmail, normaliseEmail } from "../domain/email";
import type { UseCases } from "../domain/use-cases";
import type { User } from "../domain/user";

export interface UsersLoaders {
  /** By id, one query for all users that a request asks for; `undefined` for what is no id and for whom there is not. */
  readonly userById: DataLoader<string, User | undefined>;
  /** By e-mail address in any letters; who may find someone so is for the caller to check. */
  readonly userByEmail: DataLoader<string, User | undefined, string>;
  readonly useCases: UseCases;
}

/** For one request. */
export function createLoaders(users: Pick<UserStore, "findByIds" | "findByEmails">, useCases: UseCases): UsersLoaders {
  return {
    userById: new DataLoader(async (ids: readonly string[]) => {
      // PostgreSQL would refuse the whole query for one text that is no UUID.
      const known = ids.filter(isId);
      const found = known.length > 0 ? await users.findByIds(known) : [];
      const byId = new Map(found.map((user) => [user.id, user]));
      return ids.map((id) => byId.get(typeof id === "string" ? id.toLowerCase() : id));
    }),
    userByEmail: new DataLoader(
      async (emails: readonly string[]) => {
        const known = emails.map(normaliseEmail).filter(isEmail);
        const found = known.length > 0 ? await users.findByEmails(known) : [];
        const byEmail = new Map(found.map((user) => [user.email, user]));
        return emails.map((email) => byEmail.get(normaliseEmail(email)));
      },
      { cacheKeyFn: normaliseEmail },
    ),
    useCases,
  };
}
