import type { Account, User } from "./user";

/** What follows a request into the events it causes. */
export interface Trace {
  readonly requestId: string;
  readonly traceparent: string;
}

/** A session to be opened: a family of refresh tokens, each the successor of the one before. */
export interface NewSession {
  /** UUIDv7; the `sid` of the access tokens. */
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Date;
  readonly token: NewRefreshToken;
}

export interface NewRefreshToken {
  /** Of `hashRefreshToken`. */
  readonly hash: Buffer;
  readonly expiresAt: Date;
}

export interface UserStore {
  /**
   * Writes the account, its first session and the event `users.user.registered.v1`, all or nothing.
   * @returns false when the address is taken; nothing is written then
   */
  register(account: Account, session: NewSession, trace: Trace): Promise<boolean>;
  /** @param email normalised */
  findAccount(email: string): Promise<Account | undefined>;
  /** Users in any order; what does not exist is left out. */
  findByIds(ids: readonly string[]): Promise<User[]>;
  findByEmails(emails: readonly string[]): Promise<User[]>;
}

export type Rotation =
  { readonly kind: "rotated"; readonly user: User; readonly sessionId: string } | { readonly kind: "refused" };

/** When sessions change, and what the events of it follow from. */
export interface SessionChange {
  readonly now: Date;
  readonly trace: Trace;
}

/** A session that ends writes the event `users.session.revoked.v1` in the same transaction. */
export interface SessionStore {
  open(session: NewSession): Promise<void>;
  /**
   * Uses up a refresh token and writes its successor, in one transaction that holds the locks of both the token and its session.
   * A token that was used before is either stolen or its thief was faster: its session ends, and with it every token of the family.
   * Of two simultaneous uses the second waits for the first, and is such a re-use.
   * @param mayRefresh asked before anything changes; false refuses
   */
  rotate(
    hash: Buffer,
    successor: NewRefreshToken,
    change: SessionChange,
    mayRefresh: (user: User) => boolean,
  ): Promise<Rotation>;
  /** @returns how many sessions were open and are ended now */
  endByToken(hash: Buffer, change: SessionChange): Promise<number>;
  endById(sessionId: string, userId: string, change: SessionChange): Promise<number>;
  endAllOf(userId: string, change: SessionChange): Promise<number>;
}

export type Attempt = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number };

/** Failed log-ins in a row, per address typed. */
export interface LoginAttempts {
  /**
   * Counts an attempt as failed before it is made, one after another, so that guesses sent together cannot all pass.
   * An attempt during a lock is refused and not counted.
   */
  begin(email: string, now: Date): Promise<Attempt>;
  /** The password was right: the failures before it are forgotten. */
  succeed(email: string): Promise<void>;
}
