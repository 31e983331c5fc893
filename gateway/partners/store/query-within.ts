import type { PoolClient } from "pg";
import type { DataSource } from "typeorm";
import { cutConnection } from "./cut-connection";

/**
 * A query that is answered in time or fails. The connection of one that is not is given up: behind a network that swallows everything it would hang for
 * a quarter of an hour, and with it every later query that is given the same connection.
 * @returns the rows
 */
export async function queryWithin<Row>(
  source: DataSource,
  timeoutMs: number,
  statement: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const runner = source.createQueryRunner();
  const client = (await runner.connect()) as PoolClient;
  const timer = setTimeout(() => cutConnection(client), timeoutMs);
  try {
    return (await runner.query(statement, [...parameters])) as Row[];
  } finally {
    clearTimeout(timer);
    await runner.release();
  }
}
