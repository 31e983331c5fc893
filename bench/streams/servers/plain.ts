/**
 * What most people run: graphql-ws and graphql-js, executing for each subscriber, fed by the same exchange. It is flattered: it has no subgraph to ask, no tokens
 * to check, no limits, no metrics, no cursors; its state is in its own memory, and its queue is not bounded.
 *
 *     PORT, AMQP_URL and AMQP_NAMESPACE come from the environment
 */
import http from "node:http";
import { EventEmitter, on } from "node:events";
import { connect } from "amqplib";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { graphql } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { createTopology } from "../../../kit/amqp/topology";
import { labelOf, type Order, orderOf, PLAIN_SDL } from "../scenario";

const events = new EventEmitter().setMaxListeners(0);
const changes = new Map<string, number>();
const current = (id: string) => orderOf(id, changes.get(id) ?? 0);

const schema = makeExecutableSchema({
  typeDefs: PLAIN_SDL,
  resolvers: {
    Query: { order: (_: unknown, { id }: { id: string }) => current(id) },
    Order: { label: (order: Order, { of }: { of: string }) => labelOf(order, of) },
    Subscription: {
      orderUpdated: {
        subscribe: async function* (_: unknown, { orderId }: { orderId: string }) {
          const changed = on(events, orderId);
          yield { orderUpdated: current(orderId) };
          for await (const _event of changed) yield { orderUpdated: current(orderId) };
        },
      },
    },
  },
});

async function main(): Promise<void> {
  const topology = createTopology(process.env.AMQP_NAMESPACE);
  const connection = await connect(process.env.AMQP_URL!, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.assertExchange(topology.events, "topic", { durable: true });
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, topology.events, "#");
  await channel.consume(
    queue,
    (message) => {
      const { orderId } = JSON.parse(message!.content.toString("utf8")) as { orderId: string };
      changes.set(orderId, (changes.get(orderId) ?? 0) + 1);
      events.emit(orderId);
    },
    { noAck: true },
  );
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      if (chunks.length === 0) return void res.end("ready");
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
        query: string;
        variables: Record<string, unknown>;
      };
      void graphql({ schema, source: query, variableValues: variables }).then((result) => {
        res.setHeader("content-type", "application/json");
        res.end(JSON.stringify(result));
      });
    });
  });
  useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
  server.listen(Number(process.env.PORT), "127.0.0.1");
}

void main();
