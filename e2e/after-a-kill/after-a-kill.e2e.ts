import { tellBrokerKilled } from "../broker-killed/broker-killed";
import { type Platform, startPlatform } from "../harness/platform";
import { tellSubgraphKilled } from "../subgraph-killed/subgraph-killed";
import { tellWebhooksKilled } from "../webhooks-killed/webhooks-killed";

/**
 * The stories in which processes are killed share one platform, because a start takes longer than most of them. They are apart from the
 * others (e2e/one-platform), which find fault with a process that ends.
 */
let platform: Platform;
jest.setTimeout(240_000);

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

tellWebhooksKilled(
  () => platform,
  () => {
    tellBrokerKilled(() => platform);
    tellSubgraphKilled(() => platform);
  },
);
