/** How many subscriptions may run at once. */
export interface SubscriptionLimits {
  /** @returns which limit is reached, or gives the place back when called (once) */
  enter(client: string): "gateway" | "client" | (() => void);
}

export function createSubscriptionLimits(options: {
  maxSubscriptions: number;
  maxSubscriptionsPerClient: number;
}): SubscriptionLimits {
  const { maxSubscriptions, maxSubscriptionsPerClient } = options;
  const byClient = new Map<string, number>();
  let all = 0;

  return {
    enter: (client) => {
      const own = byClient.get(client) ?? 0;
      if (all >= maxSubscriptions) return "gateway";
      if (own >= maxSubscriptionsPerClient) return "client";
      all++;
      byClient.set(client, own + 1);
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        all--;
        const left = (byClient.get(client) ?? 1) - 1;
        if (left === 0) byClient.delete(client);
        else byClient.set(client, left);
      };
    },
  };
}
