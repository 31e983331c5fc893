import type { Db } from "mongodb";

/**
 * One numbered step. It must bear being run again, and by two processes at once: a process may die before the step is recorded, and
 * several may start together. So no lock is needed, and none can be left behind.
 */
export interface Migration {
  readonly name: string;
  run(db: Db): Promise<void>;
}
