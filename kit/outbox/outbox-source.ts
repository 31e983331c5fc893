import type { EventMessage } from "../amqp/event-message";

/** Where a service keeps events between the commit of a change and their publication. */
export interface OutboxSource {
  /**
   * Makes this process the only one that publishes, until it loses its connection or lease.
   * @returns false while another process does
   */
  lead(): Promise<boolean>;
  /** @returns unpublished events, those of one subject in the order in which they were written */
  read(limit: number): Promise<EventMessage[]>;
  /** The broker has these: they are not read again. */
  markPublished(events: readonly EventMessage[]): Promise<void>;
  /** Gives the lead away. */
  close(): Promise<void>;
}
