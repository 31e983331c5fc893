import type { EventLog } from "../feed/event-log";

/** A log whose events are counted as its listener is told of them. */
export interface CountedEvents {
  readonly events: EventLog;
  /** How many the listener has been told of, gaps included: what was asked before the last of them may be older than it. */
  taken(): number;
}

export function countEvents(log: EventLog): CountedEvents {
  let taken = 0;
  return {
    taken: () => taken,
    events: {
      get head() {
        return log.head;
      },
      attached: (signal) => log.attached(signal),
      listen: ({ onEvent, onGap }) =>
        log.listen({
          onEvent: (logged) => {
            taken++;
            onEvent(logged);
          },
          onGap: () => {
            taken++;
            onGap();
          },
        }),
      replay: (range) => log.replay(range),
      close: () => log.close(),
    },
  };
}
