import type { Client, PoolClient } from "pg";

/** Ends a connection without a word to the server, which may not be there: whoever waits for it is told at once. */
export function cutConnection(client: Client | PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}
