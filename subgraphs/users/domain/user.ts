import type { Role } from "./role";

export interface User {
  /** UUIDv7. */
  readonly id: string;
  /** Normalised by `normaliseEmail`, unique. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  /** One of the published demo accounts: never signed in where NODE_ENV is "production". */
  readonly demo: boolean;
}

/** A user as the store keeps it. */
export interface Account {
  readonly user: User;
  /** PHC string of argon2id. */
  readonly passwordHash: string;
}
