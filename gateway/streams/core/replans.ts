import type { GraphQLError } from "graphql";
import { ClientError } from "../../../kit/errors";
import type { Logger } from "../../../kit/log";
import type { Generation, Generations } from "../../generation";
import type { SubscriptionRequest } from "../stream";
import type { Clock } from "./clock";
import type { PreparedStream, PrepareStream } from "./prepared-stream";
import { createTurnstile } from "./turnstile";

/** A subscription that outlives the graph that it was planned on. */
export interface Replannable extends Pick<SubscriptionRequest, "recheck" | "context" | "operationName"> {
  generation: Generation;
  readonly isOver: boolean;
  /** Goes on with the new plan. */
  take(prepared: PreparedStream): void;
  /** @param reason a sentence for the client */
  refuse(reason: string): void;
}

export interface Replans {
  /** Brings everyone who is on an older graph to the newest one. */
  run(): void;
}

const PARALLEL = 16;
const CHECKS_PER_TURN = 32;

/**
 * Plans running subscriptions anew when the supergraph changes. Each is checked by itself: what one subscriber of a group may still see,
 * another may not. Checked documents and plans are kept by the generation, so thousands with the same text cost one planning.
 */
export function createReplans(options: {
  generations: Pick<Generations, "current" | "enter">;
  prepare: PrepareStream;
  running: () => Iterable<Replannable>;
  clock: Clock;
  log: Logger;
}): Replans {
  const { generations, prepare, running, clock, log } = options;
  const enter = createTurnstile(PARALLEL);
  let isRunning = false;
  let isWanted = false;

  const replan = async (subscription: Replannable): Promise<void> => {
    if (subscription.isOver) return;
    const leave = generations.enter();
    const generation = generations.current();
    const { context, operationName } = subscription;
    try {
      const checked = subscription.recheck(generation);
      if (isErrors(checked)) return subscription.refuse(checked.map(({ message }) => message).join(" "));
      const prepared = await prepare({ checked, operationName, context });
      if (subscription.isOver) return;
      subscription.generation = generation;
      subscription.take(prepared);
    } catch (error) {
      if (!(error instanceof ClientError)) {
        log.error({ err: error, requestId: context.requestId }, "a subscription could not be planned on a new graph");
      }
      subscription.refuse(error instanceof ClientError ? error.message : "It could not be planned.");
    } finally {
      leave();
    }
  };

  const replanAll = async (): Promise<void> => {
    const older = [...running()].filter(({ generation }) => generation !== generations.current());
    if (older.length > 0) log.info({ subscriptions: older.length }, "subscriptions are planned on the new supergraph");
    for (let at = 0; at < older.length; at += CHECKS_PER_TURN) {
      await Promise.all(older.slice(at, at + CHECKS_PER_TURN).map((each) => enter(() => replan(each))));
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  };

  const work = async (): Promise<void> => {
    isRunning = true;
    try {
      while (isWanted) {
        isWanted = false;
        await replanAll();
      }
    } finally {
      isRunning = false;
    }
  };

  return {
    run: () => {
      isWanted = true;
      if (!isRunning) void work();
    },
  };
}

const isErrors = (value: unknown): value is readonly GraphQLError[] => Array.isArray(value);
