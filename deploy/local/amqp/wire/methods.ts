import type { FieldTable } from "./field-table";

/** Methods a client may send, with their fields as amqplib's codec names them (its `lib/defs.js`). */
export interface Requests {
  ConnectionStartOk: { clientProperties: FieldTable; mechanism: string; response: Buffer; locale: string };
  ConnectionTuneOk: { channelMax: number; frameMax: number; heartbeat: number };
  ConnectionOpen: { virtualHost: string };
  ConnectionClose: { replyCode: number; replyText: string };
  ConnectionCloseOk: NoFields;
  ConnectionUpdateSecret: { newSecret: Buffer; reason: string };
  ChannelOpen: NoFields;
  ChannelFlow: { active: boolean };
  ChannelClose: { replyCode: number; replyText: string };
  ChannelCloseOk: NoFields;
  AccessRequest: { realm: string };
  ExchangeDeclare: {
    exchange: string;
    type: string;
    passive: boolean;
    durable: boolean;
    autoDelete: boolean;
    internal: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  ExchangeDelete: { exchange: string; ifUnused: boolean; nowait: boolean };
  ExchangeBind: ExchangeBindFields;
  ExchangeUnbind: ExchangeBindFields;
  QueueDeclare: {
    queue: string;
    passive: boolean;
    durable: boolean;
    exclusive: boolean;
    autoDelete: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  QueueBind: { queue: string; exchange: string; routingKey: string; nowait: boolean; arguments: FieldTable };
  QueueUnbind: { queue: string; exchange: string; routingKey: string; arguments: FieldTable };
  QueuePurge: { queue: string; nowait: boolean };
  QueueDelete: { queue: string; ifUnused: boolean; ifEmpty: boolean; nowait: boolean };
  BasicQos: { prefetchSize: number; prefetchCount: number; global: boolean };
  BasicConsume: {
    queue: string;
    consumerTag: string;
    noAck: boolean;
    exclusive: boolean;
    nowait: boolean;
    arguments: FieldTable;
  };
  BasicCancel: { consumerTag: string; nowait: boolean };
  BasicPublish: { exchange: string; routingKey: string; mandatory: boolean; immediate: boolean };
  BasicGet: { queue: string; noAck: boolean };
  BasicAck: { deliveryTag: number; multiple: boolean };
  BasicReject: { deliveryTag: number; requeue: boolean };
  BasicNack: { deliveryTag: number; multiple: boolean; requeue: boolean };
  BasicRecoverAsync: { requeue: boolean };
  BasicRecover: { requeue: boolean };
  ConfirmSelect: { nowait: boolean };
}

interface ExchangeBindFields {
  destination: string;
  source: string;
  routingKey: string;
  nowait: boolean;
  arguments: FieldTable;
}

type NoFields = Record<string, never>;

/** Methods this broker sends. */
export interface Replies {
  ConnectionStart: {
    versionMajor: number;
    versionMinor: number;
    serverProperties: FieldTable;
    mechanisms: Buffer;
    locales: Buffer;
  };
  ConnectionTune: { channelMax: number; frameMax: number; heartbeat: number };
  ConnectionOpenOk: { knownHosts: string };
  ConnectionClose: { replyCode: number; replyText: string; classId: number; methodId: number };
  ConnectionCloseOk: NoFields;
  ConnectionUpdateSecretOk: NoFields;
  ChannelOpenOk: { channelId: Buffer };
  ChannelFlowOk: { active: boolean };
  ChannelClose: { replyCode: number; replyText: string; classId: number; methodId: number };
  ChannelCloseOk: NoFields;
  AccessRequestOk: { ticket: number };
  ExchangeDeclareOk: NoFields;
  ExchangeDeleteOk: NoFields;
  ExchangeBindOk: NoFields;
  ExchangeUnbindOk: NoFields;
  QueueDeclareOk: { queue: string; messageCount: number; consumerCount: number };
  QueueBindOk: NoFields;
  QueueUnbindOk: NoFields;
  QueuePurgeOk: { messageCount: number };
  QueueDeleteOk: { messageCount: number };
  BasicQosOk: NoFields;
  BasicConsumeOk: { consumerTag: string };
  BasicCancel: { consumerTag: string; nowait: boolean };
  BasicCancelOk: { consumerTag: string };
  BasicReturn: { replyCode: number; replyText: string; exchange: string; routingKey: string };
  BasicDeliver: {
    consumerTag: string;
    deliveryTag: number;
    redelivered: boolean;
    exchange: string;
    routingKey: string;
  };
  BasicGetOk: {
    deliveryTag: number;
    redelivered: boolean;
    exchange: string;
    routingKey: string;
    messageCount: number;
  };
  BasicGetEmpty: { clusterId: string };
  BasicAck: { deliveryTag: number; multiple: boolean };
  BasicNack: { deliveryTag: number; multiple: boolean; requeue: boolean };
  BasicRecoverOk: NoFields;
  ConfirmSelectOk: NoFields;
}

export type RequestName = keyof Requests;
export type ReplyName = keyof Replies;
