import { randomUUID } from "node:crypto";
import path from "node:path";
import { connect } from "amqplib";
import { toBody, toPublishOptions } from "../../kit/amqp/event-message";
import { createTopology, declareEvents } from "../../kit/amqp/topology";
import { root } from "../gateway/contenders/folders";
import { spawnProcess } from "../gateway/processes/spawn-process";
import { nowMs } from "./processes/messages";
import { changeOf } from "./scenario";

/** The way events take: a broker, and names of this run's own on it. */
export interface BenchBroker {
  readonly url: string;
  readonly namespace: string;
  readonly label: string;
  /** @returns when the event was given to the broker, in milliseconds of the machine's clock */
  publish(orderId: string): number;
  close(): Promise<void>;
}

/** @param url of a RabbitMQ; without one the embedded broker runs for the benchmark */
export async function openBroker(
  url: string | undefined,
  options: { core: number; logFile: string },
): Promise<BenchBroker> {
  const embedded = url === undefined ? await startEmbedded(options) : undefined;
  const address = url ?? embedded!.url;
  const namespace = `bench-${randomUUID().slice(0, 8)}`;
  const topology = createTopology(namespace);
  const connection = await connect(address, { noDelay: true });
  const channel = await connection.createChannel();
  await declareEvents(channel, topology);
  const product = (connection.connection.serverProperties as { product?: string; version?: string } | undefined) ?? {};
  return {
    url: address,
    namespace,
    label: url === undefined ? "the embedded broker" : `${product.product ?? "broker"} ${product.version ?? ""}`.trim(),
    publish: (orderId) => {
      const event = changeOf(orderId);
      const atMs = nowMs();
      channel.publish(topology.events, event.type, toBody(event), toPublishOptions(event));
      return atMs;
    },
    close: async () => {
      await channel.deleteQueue(topology.log);
      await channel.deleteExchange(topology.events);
      await connection.close();
      await embedded?.stop();
    },
  };
}

async function startEmbedded(options: { core: number; logFile: string }) {
  const running = spawnProcess(
    { command: process.execPath, args: [path.join(root, "dist/deploy/local/amqp/main.js")], env: { PORT: "0" } },
    options,
  );
  const port = await new Promise<number>((resolve, reject) => {
    running.process.once("message", (message: { port: number }) => resolve(message.port));
    running.process.once("exit", () => reject(new Error(`the broker ended: ${running.output()}`)));
  });
  return { url: `amqp://guest:guest@127.0.0.1:${port}`, stop: running.stop };
}
