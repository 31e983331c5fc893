import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import {
  connect,
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
  type GetMessage,
  type Options,
} from "amqplib";
import { until } from "../until";
import type { BrokerUnderTest } from "./broker-under-test";

/** An error of the broker, as amqplib hands it on. */
export interface BrokerError extends Error {
  code?: number;
}

/** Deliveries of one consumer, settled by the test. */
export interface Intake {
  tag: string;
  messages: ConsumeMessage[];
  /** How often the broker said that the consumer is cancelled. */
  cancellations: number;
  /** Resolves once `count` messages are there; their bodies as text. */
  receive(count: number): Promise<string[]>;
}

/**
 * One test's connections to a broker, and names that no other run uses. `channel` confirms what it publishes; everything
 * made through the session is deleted from the broker when the test is over.
 */
export class AmqpSession {
  private readonly prefix = `contract.${process.pid}.${randomBytes(4).toString("hex")}`;
  private readonly connections: ChannelModel[] = [];
  private readonly queues = new Set<string>();
  private readonly exchanges = new Set<string>();
  channel!: ConfirmChannel;

  private constructor(private readonly broker: BrokerUnderTest) {}

  /** A test body that gets a session of its own. */
  static within(broker: BrokerUnderTest, test: (session: AmqpSession) => Promise<void>): () => Promise<void> {
    return async () => {
      const session = new AmqpSession(broker);
      try {
        session.channel = await (await session.connect()).createConfirmChannel();
        session.channel.on("error", () => undefined);
        await test(session);
      } finally {
        await session.close();
      }
    };
  }

  get url(): string {
    return this.broker.url();
  }

  name(word: string): string {
    return `${this.prefix}.${word}`;
  }

  async connect(): Promise<ChannelModel> {
    const connection = await connect(this.broker.url(), { noDelay: true });
    connection.on("error", () => undefined);
    this.connections.push(connection);
    return connection;
  }

  /** Ends the connection as a crash of the client would: without a word. */
  cut(connection: ChannelModel): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    // With an error, or amqplib does not notice and keeps its heartbeat timer.
    (connection.connection as unknown as { stream: Socket }).stream.destroy(new Error("cut by the test"));
  }

  /** A channel on a connection of its own, so that whatever a test provokes ends nothing else. */
  async otherChannel(): Promise<Channel> {
    const channel = await (await this.connect()).createChannel();
    channel.on("error", () => undefined);
    return channel;
  }

  async queue(word: string, options: Options.AssertQueue = {}): Promise<string> {
    const queue = this.name(word);
    this.queues.add(queue);
    await this.channel.assertQueue(queue, options);
    return queue;
  }

  async exchange(word: string, type: string, options: Options.AssertExchange = {}): Promise<string> {
    const exchange = this.name(word);
    this.exchanges.add(exchange);
    await this.channel.assertExchange(exchange, type, options);
    return exchange;
  }

  /** Sends each text as one message to the queue and waits until the broker confirmed all. */
  async send(queue: string, texts: string[], options: Options.Publish = {}): Promise<void> {
    for (const text of texts) this.channel.sendToQueue(queue, Buffer.from(text), options);
    await this.channel.waitForConfirms();
  }

  async publish(exchange: string, key: string, text: string, options: Options.Publish = {}): Promise<void> {
    this.channel.publish(exchange, key, Buffer.from(text), options);
    await this.channel.waitForConfirms();
  }

  /** Takes the next message with basic.get once it is there. */
  async take(queue: string): Promise<GetMessage> {
    const message = await until(`a message is in ${queue}`, () => this.channel.get(queue));
    this.channel.ack(message);
    return message;
  }

  /** Waits until the queue holds so many messages that wait for a consumer. */
  async holds(queue: string, count: number): Promise<void> {
    let seen = -1;
    await until(`${queue} holds ${count}`, async () => {
      seen = (await this.channel.checkQueue(queue)).messageCount;
      return seen === count;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it holds ${seen}`);
    });
  }

  /** All that is in the queue now, as text, taken out. */
  async drain(queue: string): Promise<string[]> {
    const texts: string[] = [];
    for (let message = await this.channel.get(queue); message; message = await this.channel.get(queue)) {
      this.channel.ack(message);
      texts.push(message.content.toString());
    }
    return texts;
  }

  async consume(
    channel: Channel,
    queue: string,
    options: Options.Consume = {},
    on: (message: ConsumeMessage) => void = () => undefined,
  ): Promise<Intake> {
    const intake: Intake = {
      tag: "",
      messages: [],
      cancellations: 0,
      receive: async (count) => {
        await until(`${count} messages came from ${queue}`, () => intake.messages.length >= count);
        return intake.messages.slice(0, count).map((message) => message.content.toString());
      },
    };
    const { consumerTag } = await channel.consume(
      queue,
      (message) => {
        if (message) {
          intake.messages.push(message);
          on(message);
        } else intake.cancellations++;
      },
      options,
    );
    intake.tag = consumerTag;
    return intake;
  }

  private async close(): Promise<void> {
    // First, because an exclusive queue can be deleted by its connection only, and goes with it.
    await this.closeConnections();
    const cleaner = await this.otherChannel();
    for (const queue of this.queues) await cleaner.deleteQueue(queue);
    for (const exchange of this.exchanges) await cleaner.deleteExchange(exchange);
    await this.closeConnections();
  }

  private async closeConnections(): Promise<void> {
    const connections = this.connections.splice(0);
    await Promise.all(connections.map((connection) => connection.close().catch(() => undefined)));
  }
}

/** What the broker said when it closed the channel. */
export function channelError(channel: Channel): Promise<BrokerError> {
  return new Promise((resolve) => channel.once("error", resolve));
}

/** What the broker said when it closed the connection. */
export function connectionError(connection: ChannelModel): Promise<BrokerError> {
  return new Promise((resolve) => connection.once("error", resolve));
}
