import { type DataSource, type EntityManager, type FindOptionsWhere, IsNull } from "typeorm";
import { newId } from "../../../kit/ids";
import type { Logger } from "../../../kit/log";
import { appendToOutbox } from "../../../kit/postgres/outbox-table";
import { transactionOf } from "../../../kit/postgres/traced-transaction";
import { parseEventData } from "../../../schema/events/parse-event-data";
import { sessionRevoked } from "../../../schema/events/session-revoked";
import type { NewRefreshToken, NewSession, Rotation, SessionChange, SessionStore } from "../domain/ports";
import type { User } from "../domain/user";
import { RefreshTokenRow } from "./refresh-token-row";
import { SessionRow } from "./session-row";
import { toUser, UserRow } from "./user-row";

const SOURCE = "/users";
/** As the event calls what the row says. */
const REASONS = { "logged-out": "LOGGED_OUT", "token-reused": "TOKEN_REUSED" } as const;
const REFUSED: Rotation = { kind: "refused" };

/** @param options.onEvent called after an event was committed to the outbox */
export function createSessionStore(
  source: DataSource,
  { log, onEvent }: { log: Logger; onEvent: () => void },
): SessionStore {
  const transaction = transactionOf(source);
  const endInTransaction = async (
    which: (manager: EntityManager) => Promise<FindOptionsWhere<SessionRow> | undefined>,
    change: SessionChange,
  ): Promise<number> => {
    const ended = await transaction("end sessions", change.trace, async (manager, trace) => {
      const sessions = await which(manager);
      return sessions ? endSessions(manager, sessions, { ...change, trace }, "logged-out") : 0;
    });
    if (ended > 0) onEvent();
    return ended;
  };

  const rotate = async (
    manager: EntityManager,
    hash: Buffer,
    successor: NewRefreshToken,
    change: SessionChange,
    mayRefresh: (user: User) => boolean,
  ): Promise<Rotation> => {
    const { now } = change;
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
      await endSessions(manager, { id: session.id }, change, "token-reused");
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
    rotate: async (hash, successor, change, mayRefresh) => {
      const outcome = await transaction("rotate refresh token", change.trace, (manager, trace) =>
        rotate(manager, hash, successor, { ...change, trace }, mayRefresh),
      );
      // A refusal may have ended the session; waking the relay in vain costs nothing.
      if (outcome.kind === "refused") onEvent();
      return outcome;
    },
    endByToken: (hash, change) =>
      endInTransaction(async (manager) => {
        const token = await manager.findOneBy(RefreshTokenRow, { hash });
        return token ? { id: token.sessionId } : undefined;
      }, change),
    endById: (id, userId, change) => endInTransaction(() => Promise.resolve({ id, userId }), change),
    endAllOf: (userId, change) => endInTransaction(() => Promise.resolve({ userId }), change),
  };
}

/** Ends those that are open, and tells of each. @returns how many */
async function endSessions(
  manager: EntityManager,
  which: FindOptionsWhere<SessionRow>,
  { now, trace }: SessionChange,
  endReason: keyof typeof REASONS,
): Promise<number> {
  const { raw } = await manager
    .createQueryBuilder()
    .update(SessionRow)
    .set({ endedAt: now, endReason })
    .where({ ...which, endedAt: IsNull() })
    .returning(["id", "userId"])
    .execute();
  const ended = raw as { id: string; user_id: string }[];
  for (const { id, user_id: userId } of ended) {
    await appendToOutbox(manager, {
      id: newId(),
      type: sessionRevoked.type,
      source: SOURCE,
      subject: id,
      time: now.toISOString(),
      data: parseEventData(sessionRevoked, { sessionId: id, userId, reason: REASONS[endReason] }),
      ...trace,
    });
  }
  return ended.length;
}

/** A session and its first token, in the caller's transaction. */
export async function insertSession(manager: EntityManager, session: NewSession): Promise<void> {
  const { id, userId, createdAt, token } = session;
  await manager.insert(SessionRow, { id, userId, createdAt, lastUsedAt: createdAt });
  await insertToken(manager, id, token, createdAt);
}

const insertToken = (manager: EntityManager, sessionId: string, token: NewRefreshToken, createdAt: Date) =>
  manager.insert(RefreshTokenRow, { hash: token.hash, sessionId, createdAt, expiresAt: token.expiresAt });
