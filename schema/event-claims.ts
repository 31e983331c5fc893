/** What `$claims` of an `@event` can name: what the gateway knows of a subscriber. An anonymous one has none of them. */
export interface EventClaims {
  /** The id of the user or partner, or the name of the service. */
  readonly sub: string;
  /** `user`, `partner` or `service`. */
  readonly kind: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** The session of a user. */
  readonly sid?: string | undefined;
}

/** Whether each is a text or a list of texts. */
export const EVENT_CLAIMS: Readonly<Record<keyof EventClaims, "text" | "texts">> = {
  sub: "text",
  kind: "text",
  roles: "texts",
  scopes: "texts",
  sid: "text",
};
