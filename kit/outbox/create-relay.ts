import type { EventPublisher } from "../amqp/create-publisher";
import type { EventMessage } from "../amqp/event-message";
import type { Logger } from "../log";
import type { OutboxSource } from "./outbox-source";

export interface OutboxRelay {
  /** Something was just written: look now instead of at the next poll. */
  wake(): void;
  close(): Promise<void>;
}

const POLL_MS = 250;
const BATCH_SIZE = 200;
const BACK_OFF_MAX_MS = 5_000;

/**
 * Publishes what stands in the outbox, for ever. A crash between the broker's confirm and the mark publishes an event twice, never not at all:
 * consumers drop the second one by its id.
 *
 * Order: events of one subject go out one after another, those of different subjects together.
 */
export function createRelay(options: {
  source: OutboxSource;
  publisher: EventPublisher;
  log: Logger;
  pollMs?: number;
}): OutboxRelay {
  const { source, publisher, log, pollMs = POLL_MS } = options;
  let closing = false;
  let woken = false;
  let troubled = false;
  let wakeUp: (() => void) | undefined;

  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      // While the broker is away every write would ask for a look: then only time may end the wait.
      if ((woken && !troubled) || closing) return resolve();
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** @returns false when something could not be published and should be tried again later */
  const publishBatch = async (events: readonly EventMessage[]): Promise<boolean> => {
    const failedSubjects = new Set<string>();
    for (const wave of wavesBySubject(events)) {
      const due = wave.filter((event) => !failedSubjects.has(event.subject));
      const results = await publisher.publish(due);
      const published = due.filter((_, i) => results[i]);
      due.filter((_, i) => !results[i]).forEach((event) => failedSubjects.add(event.subject));
      if (published.length > 0) await source.markPublished(published);
    }
    return failedSubjects.size === 0;
  };

  const run = async () => {
    let waitMs = pollMs;
    while (!closing) {
      woken = false;
      try {
        const events = (await source.lead()) ? await source.read(BATCH_SIZE) : [];
        const ok = await publishBatch(events);
        if (troubled && ok) log.info("the outbox is moving again");
        if (!ok && !troubled) log.warn({ waiting: events.length }, "events wait in the outbox for the broker");
        troubled = !ok;
        waitMs = ok ? pollMs : Math.min(waitMs * 2, BACK_OFF_MAX_MS);
        if (ok && events.length === BATCH_SIZE) continue;
      } catch (err) {
        if (!troubled) log.warn({ err }, "the outbox cannot be read, trying again");
        troubled = true;
        waitMs = Math.min(waitMs * 2, BACK_OFF_MAX_MS);
      }
      await sleep(waitMs);
    }
  };
  const running = run();

  return {
    wake: () => {
      woken = true;
      if (!troubled) wakeUp?.();
    },
    close: async () => {
      closing = true;
      wakeUp?.();
      await running;
      await source.close();
    },
  };
}

/** Splits a batch so that each part has at most one event per subject, keeping the order within a subject. */
function wavesBySubject(events: readonly EventMessage[]): EventMessage[][] {
  const waves: EventMessage[][] = [];
  const seen = new Map<string, number>();
  for (const event of events) {
    const wave = seen.get(event.subject) ?? 0;
    seen.set(event.subject, wave + 1);
    (waves[wave] ??= []).push(event);
  }
  return waves;
}
