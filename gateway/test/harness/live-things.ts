import { waitUntil } from "../../../e2e/harness/wait-until";
import { EVENT_DIRECTIVE_SDL } from "../../../kit/subgraph/event-directive";
import type { FeedBench } from "../../streams/feed/test/feed-bench";
import { federationLink } from "./compose";
import { startFakeSubgraph } from "./fake-subgraph";
import { startTestGateway } from "./test-gateway";

const SDL = `${federationLink('["@key", "@composeDirective"]')} ${EVENT_DIRECTIVE_SDL}
  type Query { thing: Thing }
  type Thing @key(fields: "id") { id: ID! name: String! }
  type Subscription {
    things: Thing @event(types: ["test.thing.happened.v1"], key: "id", buffer: { policy: DROP_OLDEST })
  }`;

/** A whole gateway that reads the events of a bench, and offers them as `things`. */
export interface LiveThings {
  readonly port: number;
  /** All metrics as Prometheus reads them. */
  metrics(): Promise<string>;
  /** The sum of a metric's values. @param labels as in the text, such as `stage="feed"` */
  metric(name: string, labels?: string): Promise<number>;
  untilSubscriptions(count: number): Promise<unknown>;
  close(): Promise<void>;
}

export async function startLiveThings(bench: FeedBench): Promise<LiveThings> {
  const subgraph = await startFakeSubgraph({
    name: "things",
    sdl: SDL,
    resolvers: {
      Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `thing ${id}` }) },
    },
  });
  const gateway = await startTestGateway({
    subgraphs: [subgraph],
    env: { AMQP_URL: bench.proxiedUrl, AMQP_NAMESPACE: bench.namespace },
  });
  const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
  const metric: LiveThings["metric"] = async (name, labels = "") =>
    (await metrics())
      .split("\n")
      .filter((line) => line.startsWith(`${name} `) || (line.startsWith(`${name}{`) && line.includes(labels)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  return {
    port: gateway.port,
    metrics,
    metric,
    untilSubscriptions: (count) =>
      waitUntil(`${count} subscriptions`, async () => (await metric("gateway_subscriptions")) === count),
    close: async () => {
      await gateway.close();
      await subgraph.close();
    },
  };
}
