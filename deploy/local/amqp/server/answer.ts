import { randomBytes } from "node:crypto";
import type { Queue } from "../queues/queue";
import type { Binding, Destination } from "../routing/exchange";
import { AmqpError } from "../wire/amqp-error";
import { fieldType } from "../wire/field-type";
import type { RequestName, Requests } from "../wire/methods";
import type { Channel } from "./channel";
import { ChannelConsumer } from "./channel-consumer";

type Answer<N extends RequestName> = (channel: Channel, fields: Requests[N]) => void;

/** What each method of a channel does. A method that is not here is refused as RabbitMQ refuses one it does not have. */
const answers: { [N in RequestName]?: Answer<N> } = {
  ChannelFlow(channel, { active }) {
    if (!active) throw new AmqpError(540, "active=false");
    channel.send("ChannelFlowOk", { active });
  },

  ChannelClose(channel) {
    channel.end();
    channel.connection.release(channel.id);
    channel.send("ChannelCloseOk", {});
  },

  AccessRequest(channel) {
    channel.send("AccessRequestOk", { ticket: 1 });
  },

  ExchangeDeclare(channel, { exchange, passive, nowait, type, durable, autoDelete, internal, arguments: args }) {
    if (exchange === "") throw new AmqpError(403, "operation not permitted on the default exchange");
    if (passive) channel.virtualHost.exchange(exchange);
    else {
      channel.virtualHost.declareExchange({ name: exchange, type, durable, autoDelete, internal, arguments: args });
    }
    if (!nowait) channel.send("ExchangeDeclareOk", {});
  },

  ExchangeDelete(channel, { exchange, ifUnused, nowait }) {
    channel.virtualHost.deleteExchange(exchange, ifUnused);
    if (!nowait) channel.send("ExchangeDeleteOk", {});
  },

  ExchangeBind(channel, fields) {
    channel.virtualHost.bind(fields.source, bindingOf({ kind: "exchange", name: fields.destination }, fields));
    if (!fields.nowait) channel.send("ExchangeBindOk", {});
  },

  ExchangeUnbind(channel, fields) {
    channel.virtualHost.unbind(fields.source, bindingOf({ kind: "exchange", name: fields.destination }, fields));
    if (!fields.nowait) channel.send("ExchangeUnbindOk", {});
  },

  QueueDeclare(channel, { queue: name, passive, durable, autoDelete, exclusive, nowait, arguments: args }) {
    const { virtualHost, connection } = channel;
    const owner = exclusive ? connection : undefined;
    const queue = passive
      ? virtualHost.queue(name, connection)
      : virtualHost.declareQueue({ name, durable, autoDelete, owner, arguments: args }, connection);
    if (passive) queue.touch();
    channel.lastQueue = queue.declaration.name;
    if (nowait) return;
    const { messageCount, consumerCount } = queue;
    channel.send("QueueDeclareOk", { queue: queue.declaration.name, messageCount, consumerCount });
  },

  QueueBind(channel, fields) {
    const queue = queueOf(channel, fields.queue);
    const destination = { kind: "queue", name: queue.declaration.name } as const;
    channel.virtualHost.bind(fields.exchange, bindingOf(destination, fields));
    if (!fields.nowait) channel.send("QueueBindOk", {});
  },

  QueueUnbind(channel, fields) {
    const name = queueName(channel, fields.queue);
    if (channel.virtualHost.findQueue(name)) queueOf(channel, name);
    channel.virtualHost.unbind(fields.exchange, bindingOf({ kind: "queue", name }, fields));
    channel.send("QueueUnbindOk", {});
  },

  QueuePurge(channel, { queue, nowait }) {
    const messageCount = queueOf(channel, queue).purge();
    if (!nowait) channel.send("QueuePurgeOk", { messageCount });
  },

  QueueDelete(channel, { queue: given, ifUnused, ifEmpty, nowait }) {
    const name = queueName(channel, given);
    let messageCount = 0;
    if (channel.virtualHost.findQueue(name)) {
      const queue = queueOf(channel, name);
      queue.assertDeletable(ifUnused, ifEmpty);
      // RabbitMQ does not count a stream's messages here.
      messageCount = queue.declaration.settings.type === "stream" ? 0 : queue.messageCount;
      channel.virtualHost.deleteQueue(queue);
    }
    if (!nowait) channel.send("QueueDeleteOk", { messageCount });
  },

  BasicQos(channel, { prefetchSize, prefetchCount, global }) {
    if (prefetchSize !== 0) throw new AmqpError(540, `prefetch_size!=0 (${prefetchSize})`);
    if (global) channel.sharedPrefetch = prefetchCount;
    else channel.prefetch = prefetchCount;
    channel.send("BasicQosOk", {});
    channel.wakeQueues();
  },

  BasicConsume(channel, { queue: name, consumerTag, noAck, exclusive, nowait, arguments: args }) {
    const queue = queueOf(channel, name);
    const tag = consumerTag || `amq.ctag-${randomBytes(16).toString("base64url")}`;
    if (channel.consumers.has(tag)) throw new AmqpError(530, `attempt to reuse consumer tag '${tag}'`);
    const priority = args["x-priority"] ?? 0;
    if (typeof priority !== "number") {
      const where = `queue '${queue.declaration.name}' in vhost '${channel.virtualHost.name}'`;
      throw new AmqpError(406, `invalid arg 'x-priority' for ${where}: "expected integer, got ${fieldType(priority)}"`);
    }
    const consumer = new ChannelConsumer(channel, queue, tag, noAck, exclusive, priority, args);
    queue.addConsumer(consumer);
    channel.consumers.set(tag, consumer);
    // Before the first delivery: that one leaves the queue in a later microtask.
    if (!nowait) channel.send("BasicConsumeOk", { consumerTag: tag });
  },

  BasicCancel(channel, { consumerTag, nowait }) {
    channel.cancel(consumerTag);
    if (!nowait) channel.send("BasicCancelOk", { consumerTag });
  },

  BasicPublish(channel, fields) {
    channel.publisher.begin(fields);
  },

  BasicGet(channel, { queue: name, noAck }) {
    const queue = queueOf(channel, name);
    const delivery = queue.get();
    if (delivery) channel.answerGet(delivery, noAck, queue.messageCount);
    else channel.send("BasicGetEmpty", { clusterId: "" });
  },

  BasicAck(channel, { deliveryTag, multiple }) {
    channel.accept(deliveryTag, multiple);
  },

  BasicReject(channel, { deliveryTag, requeue }) {
    if (requeue) channel.giveBack(deliveryTag, false);
    else channel.discard(deliveryTag, false);
  },

  BasicNack(channel, { deliveryTag, multiple, requeue }) {
    if (requeue) channel.giveBack(deliveryTag, multiple);
    else channel.discard(deliveryTag, multiple);
  },

  BasicRecoverAsync(channel, { requeue }) {
    if (!requeue) throw new AmqpError(540, "requeue=false");
    channel.recover();
  },

  BasicRecover(channel, { requeue }) {
    if (!requeue) throw new AmqpError(540, "requeue=false");
    channel.recover();
    channel.send("BasicRecoverOk", {});
  },

  ConfirmSelect(channel, { nowait }) {
    channel.publisher.confirmSelect();
    if (!nowait) channel.send("ConfirmSelectOk", {});
  },
};

/** Does what the method asks and replies. Throws AmqpError: of the channel, or of the connection. */
export function answer<N extends RequestName>(channel: Channel, name: N, fields: unknown): void {
  const act = answers[name] as Answer<N> | undefined;
  if (act) return act(channel, fields as Requests[N]);
  if (name.startsWith("Tx")) throw new AmqpError(540, "transactions are not supported by this broker");
  throw new AmqpError(503, "unimplemented method");
}

function queueName(channel: Channel, given: string): string {
  if (given) return given;
  if (channel.lastQueue === undefined) throw new AmqpError(404, "no previously declared queue");
  return channel.lastQueue;
}

function queueOf(channel: Channel, given: string): Queue {
  return channel.virtualHost.queue(queueName(channel, given), channel.connection);
}

function bindingOf(destination: Destination, fields: Pick<Binding, "routingKey" | "arguments">): Binding {
  return { ...destination, routingKey: fields.routingKey, arguments: fields.arguments };
}
