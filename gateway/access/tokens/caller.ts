import type { Viewer } from "../../../kit/viewer";

/** What the bearer of a token is known by. */
export interface Caller {
  readonly viewer: Viewer;
  /** When the token ends, in milliseconds since 1970; undefined for an anonymous caller. */
  readonly expiresAtMs?: number | undefined;
}

export const ANONYMOUS: Caller = Object.freeze({ viewer: undefined });

export interface Authenticator {
  /**
   * @param authorization the value of the `Authorization` header, or of the parameter that stands for it on a socket
   * @throws ClientError UNAUTHENTICATED when there is a token and it is not valid; the message may be shown to the client
   */
  authenticate(authorization: string | undefined): Promise<Caller>;
  /** Settles when tokens can be checked for the first time: until then each one is SERVICE_UNAVAILABLE. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}
