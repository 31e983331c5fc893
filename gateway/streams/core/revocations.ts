import { LRUCache } from "lru-cache";
import type { EventMessage } from "../../../kit/amqp/event-message";
import type { Viewer } from "../../../kit/viewer";
import { valueAt } from "../../../schema/event-path";

/** Which sessions are over, as the event log tells. */
export interface Revocations<Of> {
  /** @returns forgets it */
  watch(of: Of, viewer: Viewer): () => void;
  /** @returns whose sessions this event ends; nothing for other events */
  take(event: EventMessage): readonly Of[];
  /** Whether the session of a viewer who comes now, or was checked since `seq`, has been ended. */
  isRevoked(viewer: Viewer, seq: number): boolean;
  /** How many were ended so far: to be asked before a check that takes time. */
  readonly seq: number;
}

/** Its body names the session in `sessionId`, or the user of all sessions in `userId`. */
const SESSION_REVOKED = "users.session.revoked.v1";
/** A token may be shown again for the rest of its minutes. */
const REMEMBERED = 50_000;

export function createRevocations<Of>(): Revocations<Of> {
  const watching = new Map<string, Set<Of>>();
  const revoked = new LRUCache<string, number>({ max: REMEMBERED });
  let seq = 0;

  const nameOf = (kind: "session" | "user", id: string) => `${kind} ${id}`;
  const namesOf = (viewer: Viewer): string[] => {
    if (viewer?.kind !== "user") return [];
    const { sessionId, subject } = viewer;
    return [nameOf("user", subject), ...(sessionId === undefined ? [] : [nameOf("session", sessionId)])];
  };

  return {
    get seq() {
      return seq;
    },
    watch: (of, viewer) => {
      const names = namesOf(viewer);
      for (const name of names) watching.set(name, (watching.get(name) ?? new Set<Of>()).add(of));
      return () => {
        for (const name of names) {
          const others = watching.get(name);
          if (others?.delete(of) && others.size === 0) watching.delete(name);
        }
      };
    },
    take: ({ type, data }) => {
      if (type !== SESSION_REVOKED) return [];
      const sessionId = valueAt(data, ["sessionId"]);
      const userId = valueAt(data, ["userId"]);
      // The one session where the event names one, however it names its user beside it.
      const name =
        typeof sessionId === "string"
          ? nameOf("session", sessionId)
          : typeof userId === "string"
            ? nameOf("user", userId)
            : undefined;
      if (name === undefined) return [];
      revoked.set(name, ++seq);
      return [...(watching.get(name) ?? [])];
    },
    isRevoked: (viewer, since) =>
      namesOf(viewer).some((name) => {
        const at = revoked.get(name);
        if (at === undefined) return false;
        // A user signs in again, a session never comes back.
        return name.startsWith("session ") || at > since;
      }),
  };
}
