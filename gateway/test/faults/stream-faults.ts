import { setTimeout as pause } from "node:timers/promises";
import { checkDelivery, type Delivery } from "../../../e2e/harness/check-delivery";
import { drawFault, inflict, tell } from "../../../e2e/harness/fault-schedule";
import { seededRandom } from "../../../e2e/harness/seeded-random";
import { startTcpProxy, type TcpProxy } from "../../../e2e/harness/tcp-proxy";
import { createLogger } from "../../../kit/log";
import { EVENT_DIRECTIVE_SDL } from "../../../kit/subgraph/event-directive";
import { createCursorCodec } from "../../streams/core/cursor";
import { createFeedBench, thing } from "../../streams/feed/test/feed-bench";
import { federationLink } from "../harness/compose";
import { startFakeSubgraph } from "../harness/fake-subgraph";
import { startTestGateway } from "../harness/test-gateway";
import { type LiveMessage, startResumingClient, TRANSPORTS } from "./resuming-client";
import { waitTurns } from "./wait-turns";

export interface StreamFaultRun {
  readonly published: readonly string[];
  readonly clients: readonly ClientOutcome[];
  /** What was done to which network, in order. */
  readonly faults: readonly string[];
}

export interface ClientOutcome {
  readonly name: string;
  readonly connections: number;
  readonly delivery: Delivery;
  /** Messages that say that something is missing. */
  readonly told: number;
  /** Messages whose data is another event's than their cursor. */
  readonly mixedUp: number;
  /** Messages without data because a subgraph could not be asked: told, not lost. */
  readonly failed: number;
}

const SECRET = "a secret of the fault suite".padEnd(32, ".");
/** What has not arrived counts as lost when nobody has had a message for so long. */
const STALL_MS = 30_000;
const START_MS = 20_000;
const EVENT = '@event(types: ["test.thing.happened.v1"], key: "id", buffer:';
const SDL = `${federationLink('["@key", "@composeDirective"]')} ${EVENT_DIRECTIVE_SDL}
  type Query { thing: Thing }
  type Thing @key(fields: "id") { id: ID! echo: String! }
  type Subscription {
    dropping: Thing ${EVENT} { policy: DROP_OLDEST, maxMessages: 100000, maxBytes: 67108864 })
    closing: Thing ${EVENT} { policy: CLOSE, maxMessages: 20 })
  }`;

/**
 * The whole gateway between a broker, a subgraph and clients on every transport, with a proxy on each of the three ways, and once another
 * gateway takes its place. Clients that lose their connection come back with their cursor.
 * @param options.url of the broker
 */
export async function runStreamFaults(options: { url: string; seed: number; faults: number }): Promise<StreamFaultRun> {
  const random = seededRandom(options.seed);
  const closing: (() => Promise<unknown>)[] = [];
  const own = <T>(resource: T, close: (resource: T) => Promise<unknown>): T => {
    closing.push(() => close(resource));
    return resource;
  };
  try {
    const bench = own(await createFeedBench(options.url, options.seed), (one) => one.close());
    await bench.declare();
    const reference = (id: string) => ({ id, echo: `echo of ${id}` });
    const subgraph = own(
      await startFakeSubgraph({
        name: "things",
        sdl: SDL,
        resolvers: { Thing: { __resolveReference: ({ id }: { id: string }) => reference(id) } },
      }),
      (one) => one.close(),
    );
    const proxyTo = async (port: number): Promise<TcpProxy> =>
      own(await startTcpProxy({ host: "127.0.0.1", port }, options.seed), (one) => one.close());
    const subgraphProxy = await proxyTo(subgraph.port);
    const start = (port: number) =>
      startTestGateway({
        subgraphs: [{ ...subgraph, url: `http://127.0.0.1:${subgraphProxy.port}/graphql` }],
        env: {
          PORT: String(port),
          AMQP_URL: bench.proxiedUrl,
          AMQP_NAMESPACE: bench.namespace,
          CURSOR_SECRET: SECRET,
          SUBGRAPH_TIMEOUT_MS: "1000",
          // All clients have one address: what one of them may have again is not what is tested.
          REPLAY_RATE_PER_CLIENT: "20000",
          REPLAY_BURST_PER_CLIENT: "40000",
        },
      });
    let gateway = await start(0);
    closing.push(() => gateway.close());
    const clientProxy = await proxyTo(gateway.port);
    const networks = { broker: bench.proxy, subgraph: subgraphProxy, clients: clientProxy };

    const fields = ["dropping", "closing"] as const;
    const clients = fields.flatMap((field) =>
      TRANSPORTS.map((transport) => ({
        field,
        ...own(
          { client: startResumingClient(transport, clientProxy.port, `subscription { ${field} { id echo } }`) },
          ({ client }) => client.stop(),
        ),
      })),
    );
    // Nobody can come back who has no cursor yet: the first events find out who is there.
    const isEverybodyThere = await waitTurns(async () => {
      await bench.publish(thing({ data: { id: "first" } }));
      return clients.every(({ client }) => client.messages.length > 0);
    }, START_MS);
    if (!isEverybodyThere) throw new Error("not every client has had a message before the first fault");

    const published: string[] = [];
    let isOver = false;
    const publish = async () => {
      while (!isOver) {
        const batch = Array.from({ length: random.between(1, 8) }, () => {
          const event = thing();
          return { ...event, data: { id: event.id } };
        });
        published.push(...batch.map(({ id }) => id));
        await bench.publish(...batch, ...(random.next() < 0.2 ? [batch[0]!] : []));
        await pause(random.between(5, 60));
      }
    };
    const faults: string[] = [];
    const publishing = publish();
    const restartAt = random.between(1, options.faults - 1);
    for (let i = 0; i < options.faults; i++) {
      if (i === restartAt) {
        faults.push("gateway: ends and starts anew");
        await gateway.close();
        gateway = await start(gateway.port);
      }
      const where = random.pick(["broker", "subgraph", "clients", "clients"] as const);
      const fault = drawFault(random);
      faults.push(`${where}: ${tell(fault)}`);
      await inflict(networks[where], fault);
    }
    isOver = true;
    await publishing;

    const codec = createCursorCodec({ secrets: [SECRET], log: createLogger("test", "silent") });
    const idOf = ({ extensions }: LiveMessage) => codec.decode(extensions?.cursor ?? "")?.id ?? "";
    const firsts = (messages: readonly LiveMessage[]) => {
      const known = new Set(published);
      const start = messages.findIndex((message) => known.has(idOf(message)));
      return start < 0 ? [] : messages.slice(start);
    };
    const last = published.at(-1);
    const hasAll = () => clients.every(({ client }) => client.messages.some((message) => idOf(message) === last));
    const arrived = () => clients.reduce((sum, { client }) => sum + client.messages.length, 0);
    // Clients that are silent come back meanwhile.
    for (let before = -1; before < arrived() && !hasAll();) {
      before = arrived();
      await waitTurns(() => hasAll(), STALL_MS);
    }

    return {
      published,
      faults,
      clients: clients.map(({ field, client }) => {
        const messages = firsts(client.messages);
        const idIn = ({ data }: LiveMessage) => (data?.[field] as { id?: string } | null | undefined)?.id;
        return {
          name: `${field} over ${client.transport}`,
          connections: client.connections,
          delivery: checkDelivery(published, messages.map(idOf)),
          told: messages.filter(({ extensions }) => extensions?.recovered === false || (extensions?.dropped ?? 0) > 0)
            .length,
          mixedUp: messages.filter((message) => (idIn(message) ?? idOf(message)) !== idOf(message)).length,
          failed: messages.filter((message) => idIn(message) === undefined).length,
        };
      }),
    };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
