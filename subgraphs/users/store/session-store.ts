import { type DataSource, type EntityManager, type FindOptionsWhere, IsNull } from "typeorm";
import type { Logger } from "../../../kit/log";
import type { NewRefreshToken, NewSession, Rotation, SessionStore } from "../domain/ports";
import type { User } from "../domain/user";
import { RefreshTokenRow } from "./refresh-token-row";
import { SessionRow } from "./session-row";
import { toUser, UserRow } from "./user-row";

const REFUSED: Rotation = { kind: "refused" };

export function createSessionStore(source: DataSource, log: Logger): SessionStore {
  const end = async (
    manager: EntityManager,
    which: FindOptionsWhere<SessionRow>,
    now: Date,
    endReason: SessionRow["endReason"],
  ): Promise<number> => {
    const { affected } = await manager.update(SessionRow, { ...which, endedAt: IsNull() }, { endedAt: now, endReason });
    return affected ?? 0;
  };

  const rotate = async (
    manager: EntityManager,
    hash: Buffer,
    successor: NewRefreshToken,
    now: Date,
    mayRefresh: (user: User) => boolean,
  ): Promise<Rotation> => {
    const found = await manager.findOneBy(RefreshTokenRow, { hash });
    if (!found) return REFUSED;
    // The session's row is the lock of the whole family, always taken first: two rotations of one family run one after the other and
    // cannot wait for each other in a circle. Only what is read after it counts.
    const lock = { mode: "pessimistic_write" } as const;
    const session = await manager.findOne(SessionRow, { where: { id: found.sessionId }, lock });
    const token = await manager.findOne(RefreshTokenRow, { where: { hash }, lock });
    const user = session && (await manager.findOneBy(UserRow, { id: session.userId }));
    if (!session || !token || !user || session.endedAt || !mayRefresh(toUser(user))) return REFUSED;
    if (token.usedAt) {
      await end(manager, { id: session.id }, now, "token-reused");
      log.warn({ sessionId: session.id, userId: user.id }, "a refresh token was used twice, its session is ended");
      return REFUSED;
    }
    if (token.expiresAt <= now) return REFUSED;

    await manager.update(RefreshTokenRow, { hash }, { usedAt: now });
    await manager.update(SessionRow, { id: session.id }, { lastUsedAt: now });
    await insertToken(manager, session.id, successor, now);
    return { kind: "rotated", user: toUser(user), sessionId: session.id };
  };

  return {
    open: (session) => source.transaction((manager) => insertSession(manager, session)),
    rotate: (...rotation) => source.transaction((manager) => rotate(manager, ...rotation)),
    endByToken: async (hash, now) => {
      const token = await source.manager.findOneBy(RefreshTokenRow, { hash });
      return token ? end(source.manager, { id: token.sessionId }, now, "logged-out") : 0;
    },
    endById: (id, userId, now) => end(source.manager, { id, userId }, now, "logged-out"),
    endAllOf: (userId, now) => end(source.manager, { userId }, now, "logged-out"),
  };
}

/** A session and its first token, in the caller's transaction. */
export async function insertSession(manager: EntityManager, session: NewSession): Promise<void> {
  const { id, userId, createdAt, token } = session;
  await manager.insert(SessionRow, { id, userId, createdAt, lastUsedAt: createdAt });
  await insertToken(manager, id, token, createdAt);
}

const insertToken = (manager: EntityManager, sessionId: string, token: NewRefreshToken, createdAt: Date) =>
  manager.insert(RefreshTokenRow, { hash: token.hash, sessionId, createdAt, expiresAt: token.expiresAt });
