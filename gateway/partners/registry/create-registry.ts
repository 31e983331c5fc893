import type { Logger } from "../../../kit/log";
import { buildSnapshot, EMPTY_SNAPSHOT, type RegistrySnapshot } from "./build-snapshot";
import type { OperationRegistry, RegisteredOperation } from "./operation-registry";
import type { RegistryStore } from "./registry-store";

export interface Registry {
  /** A call takes it once and keeps it to its end. */
  current(): OperationRegistry;
  /** Fulfilled once the store was read the first time. */
  readonly opened: Promise<void>;
  /** True for ever since then. */
  readonly isOpen: () => boolean;
  /** Looks whether something changed; at most one look at a time, and one more after it when it is called meanwhile. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Where changes are told. @returns stops that */
export type ListenForChanges = (onMaybeChanged: () => void) => { close(): Promise<void> | void };

/**
 * The registered operations as this gateway serves them: a snapshot, which another one replaces in one step once its operations are ready to run.
 * While the store is away the last one goes on.
 *
 * @param options.listen tells of changes as they come; what it misses is found by looking
 * @param options.pollMs how often that is
 * @param options.prepare makes new operations ready on the graph that is served now; takes bounded time, and never fails
 */
export function createRegistry(options: {
  store: Pick<RegistryStore, "read" | "revision">;
  /** Before it is fulfilled there is nothing to read. */
  storeOpened?: Promise<unknown>;
  listen?: ListenForChanges;
  pollMs: number;
  prepare: (operations: readonly RegisteredOperation[]) => Promise<void>;
  log: Logger;
  now?: () => number;
}): Registry {
  const { store, pollMs, prepare, log, now = Date.now } = options;
  let current = EMPTY_SNAPSHOT;
  let closed = false;
  let told: string | undefined;
  let work: Promise<void> | undefined;
  let again = false;
  let onOpened: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (onOpened = resolve));

  const read = async (): Promise<RegistrySnapshot | undefined> => {
    const at = now();
    if (current !== EMPTY_SNAPSHOT && at < current.until && (await store.revision()) === current.revision) {
      return undefined;
    }
    const previous = current;
    return buildSnapshot(await store.read(new Date(at)), {
      now: at,
      previous,
      onDamaged: ({ partner, version, id, name }, reason) =>
        log.error({ partner, version, operationId: id, operation: name, reason }, "a registered operation is damaged"),
    });
  };

  const look = async (): Promise<void> => {
    try {
      const next = await read();
      told = undefined;
      if (!next || closed) return;
      const fresh = freshOperations(current, next);
      await prepare(fresh);
      current = next;
      onOpened();
      log.info(
        { revision: next.revision, operations: next.size, fresh: fresh.length },
        "registered operations are served",
      );
    } catch (error) {
      const reason = (error as Error).message;
      if (!closed && reason !== told) {
        log.warn({ reason }, "the registered operations cannot be read, what was read before stays");
      }
      told = reason;
    }
  };

  const refresh = (): Promise<void> => {
    again = true;
    work ??= (async () => {
      while (again && !closed) {
        again = false;
        await look();
      }
      work = undefined;
    })();
    return work;
  };

  let isStoreOpen = false;
  const onMaybeChanged = () => void (isStoreOpen && refresh());
  const timer = setInterval(onMaybeChanged, pollMs).unref();
  const listener = options.listen?.(onMaybeChanged);
  Promise.resolve(options.storeOpened).then(
    () => {
      isStoreOpen = true;
      void refresh();
    },
    // The gateway ended before.
    () => undefined,
  );
  return {
    current: () => current,
    opened,
    isOpen: () => current !== EMPTY_SNAPSHOT,
    refresh,
    close: async () => {
      closed = true;
      clearInterval(timer);
      await listener?.close();
      await work;
    },
  };
}

/** Those that a name leads to, as far as their texts are not served yet. What only an id leads to was served before. */
const freshOperations = (current: OperationRegistry, next: OperationRegistry): readonly RegisteredOperation[] =>
  next.partners.flatMap((partner) =>
    next.ofPartner(partner).filter(({ id, body }) => current.find(partner, id)?.body !== body),
  );
