import { type DataSource, In } from "typeorm";
import { newId } from "../../../kit/ids";
import { appendToOutbox } from "../../../kit/postgres/outbox-table";
import { parseEventData } from "../../../schema/events/parse-event-data";
import { userRegistered } from "../../../schema/events/user-registered";
import type { UserStore } from "../domain/ports";
import { insertSession } from "./session-store";
import { toUser, UserRow } from "./user-row";

const SOURCE = "/users";

/** @param options.onEvent called after an event was committed to the outbox */
export function createUserStore(source: DataSource, options: { onEvent: () => void }): UserStore {
  return {
    register: async ({ user, passwordHash }, session, trace) => {
      const registered = await source.transaction(async (manager) => {
        // Someone who registers the same address at this moment is waited for by the unique index, then nothing is inserted.
        const { raw } = await manager
          .createQueryBuilder()
          .insert()
          .into(UserRow)
          .values({ ...user, roles: [...user.roles], passwordHash })
          .orIgnore()
          .returning("id")
          .execute();
        if ((raw as unknown[]).length === 0) return false;
        await insertSession(manager, session);
        await appendToOutbox(manager, {
          id: newId(),
          type: userRegistered.type,
          source: SOURCE,
          subject: user.id,
          time: user.createdAt.toISOString(),
          data: parseEventData(userRegistered, { userId: user.id }),
          ...trace,
        });
        return true;
      });
      if (registered) options.onEvent();
      return registered;
    },
    findAccount: async (email) => {
      const row = await source
        .getRepository(UserRow)
        .createQueryBuilder("u")
        .addSelect("u.passwordHash")
        .where({ email })
        .getOne();
      return row ? { user: toUser(row), passwordHash: row.passwordHash } : undefined;
    },
    findByIds: async (ids) => (await source.manager.findBy(UserRow, { id: In([...ids]) })).map(toUser),
    findByEmails: async (emails) => (await source.manager.findBy(UserRow, { email: In([...emails]) })).map(toUser),
  };
}
