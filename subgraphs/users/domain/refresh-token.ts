import { createHash, randomBytes } from "node:crypto";

/** How long a refresh token can be used. Each use gives a new one, so a session in use lasts. */
export const REFRESH_TOKEN_LIFETIME_MS = 30 * 24 * 3_600_000;

/** 256 random bits; opaque to whoever holds it. */
export const createRefreshToken = (): string => randomBytes(32).toString("base64url");

/** What is stored of a token. A fast hash will do: 256 random bits cannot be guessed. */
export const hashRefreshToken = (token: string): Buffer => createHash("sha256").update(token).digest();
