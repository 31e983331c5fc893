import type { GraphQLError } from "graphql";
import type { Sink, StreamMessage, Streams, SubscriptionRequest } from "../../stream";

/** One opened subscription, from the core's side. */
export interface FakeSubscription {
  readonly request: SubscriptionRequest;
  readonly sink: Sink;
  /** Gives the client a message with these data. @returns what the sink says */
  give(data: unknown, cursor?: string): boolean;
  /** Settles when the client has left. */
  readonly left: Promise<void>;
  hasLeft(): boolean;
  /** Settles when the sink takes messages again; ask before it can. */
  drained(): Promise<void>;
}

export interface FakeStreams extends Streams {
  /** Waits for the next subscription that is opened and was not given out yet. */
  next(): Promise<FakeSubscription>;
  /** Answers subscriptions with these errors, until it is called without any. */
  refuse(errors?: readonly GraphQLError[]): void;
  /** Subscriptions wait while they are opened, until what it returns is called. */
  hold(): () => void;
}

/** A core without events: what it says is said by the test. */
export function createFakeStreams(): FakeStreams {
  const opened: FakeSubscription[] = [];
  const waiting: ((subscription: FakeSubscription) => void)[] = [];
  const running = new Set<Sink>();
  let refusal: readonly GraphQLError[] | undefined;
  let gate: Promise<void> = Promise.resolve();

  return {
    open: async (request, sink) => {
      await gate;
      if (refusal) return refusal;
      let onLeave!: () => void;
      let hasLeft = false;
      let onDrained: (() => void)[] = [];
      const subscription: FakeSubscription = {
        request,
        sink,
        give: (data, cursor) => sink.write(message(data, cursor)),
        left: new Promise((resolve) => (onLeave = resolve)),
        hasLeft: () => hasLeft,
        drained: () => new Promise((resolve) => onDrained.push(resolve)),
      };
      running.add(sink);
      const first = waiting.shift();
      // Not before `open` has settled and its caller has gone on.
      if (first) setImmediate(() => first(subscription));
      else opened.push(subscription);
      return {
        drained: () => {
          const listeners = onDrained;
          onDrained = [];
          for (const listener of listeners) listener();
        },
        renew: () => undefined,
        leave: () => {
          hasLeft = true;
          running.delete(sink);
          onLeave();
        },
      };
    },
    close: () => {
      for (const sink of running) sink.end({ kind: "going-away" });
      running.clear();
      return Promise.resolve();
    },
    next: () => {
      const first = opened.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
    refuse: (errors) => {
      refusal = errors;
    },
    hold: () => {
      let open!: () => void;
      gate = new Promise((resolve) => (open = resolve));
      return open;
    },
  };
}

export const message = (data: unknown, cursor?: string): StreamMessage => ({
  text: JSON.stringify({ data, ...(cursor === undefined ? {} : { extensions: { cursor } }) }),
  ...(cursor === undefined ? {} : { cursor }),
});
