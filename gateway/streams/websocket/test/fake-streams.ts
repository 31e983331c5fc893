import type { Ending, StreamMessage, Streams, Subscription, SubscriptionRequest } from "../../stream";

/** One subscription of the fake core, with a queue as the real one has: what the transport does not take now waits for `drained`. */
export interface FakeSubscription {
  readonly request: SubscriptionRequest;
  readonly renewals: (number | undefined)[];
  readonly left: Promise<void>;
  readonly waiting: StreamMessage[];
  /** Messages that the transport took. */
  readonly taken: number;
  /** The transport asked for no more. */
  readonly isHeld: boolean;
  push(message: StreamMessage): void;
  end(ending: Ending): void;
}

export interface FakeStreams extends Streams {
  readonly opened: FakeSubscription[];
  /** The next one that opens. */
  nextOpened(): Promise<FakeSubscription>;
  /** To everyone: the same message, as the real core shares it. */
  publish(message: StreamMessage): void;
  /** Subscriptions open after it. */
  gate: Promise<void>;
  /** What `open` answers instead of a subscription. */
  refusal: Awaited<ReturnType<Streams["open"]>> | undefined;
  /** `open` has been called so often. */
  calls: number;
}

export function createFakeStreams(): FakeStreams {
  const live = new Set<FakeSubscription>();
  const waiters: ((subscription: FakeSubscription) => void)[] = [];
  const fake: FakeStreams = {
    opened: [],
    gate: Promise.resolve(),
    refusal: undefined,
    calls: 0,
    nextOpened: () => new Promise((resolve) => waiters.push(resolve)),
    publish: (message) => live.forEach((subscription) => subscription.push(message)),
    close: () => {
      for (const subscription of [...live]) subscription.end({ kind: "going-away" });
      return Promise.resolve();
    },
    open: async (request, sink) => {
      fake.calls++;
      await fake.gate;
      if (fake.refusal) return fake.refusal;
      let left = () => {};
      const state = { taken: 0, isHeld: false };
      const subscription: FakeSubscription = {
        request,
        renewals: [],
        left: new Promise((resolve) => (left = resolve)),
        waiting: [],
        get taken() {
          return state.taken;
        },
        get isHeld() {
          return state.isHeld;
        },
        push: (message) => {
          subscription.waiting.push(message);
          flush();
        },
        end: (ending) => {
          live.delete(subscription);
          sink.end(ending);
        },
      };
      const flush = () => {
        for (let next = subscription.waiting[0]; next && !state.isHeld; next = subscription.waiting[0]) {
          subscription.waiting.shift();
          state.taken++;
          state.isHeld = !sink.write(next);
        }
      };
      const end: Subscription = {
        drained: () => {
          state.isHeld = false;
          flush();
        },
        renew: (expiresAtMs) => subscription.renewals.push(expiresAtMs),
        leave: () => {
          live.delete(subscription);
          left();
        },
      };
      live.add(subscription);
      fake.opened.push(subscription);
      waiters.splice(0).forEach((resolve) => resolve(subscription));
      return end;
    },
  };
  return fake;
}
