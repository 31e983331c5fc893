import type { Identity } from "../../../kit/viewer";
import type { OwnQuotas } from "../quotas/quota";

/** Who holds a key, and what the key is good for. */
export interface Partner {
  /** UUID of the partner. */
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** Public part of the key, for logs. */
  readonly keyId: string;
  readonly mode: "live" | "test";
  /** Names of the operations that the key may run; undefined: all of its partner's. */
  readonly operations: ReadonlySet<string> | undefined;
  readonly quotas?: OwnQuotas | undefined;
  readonly identity: Identity;
}
