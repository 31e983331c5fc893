import { randomBytes } from "node:crypto";
import type { Message } from "../message";
import { assertTypeAllows } from "../queues/assert-type-allows";
import { createQueue } from "../queues/create-queue";
import { deadLetter, diesInCircles, type DeathReason } from "../queues/dead-letter";
import { MessageQueue } from "../queues/message-queue";
import type { Queue, QueueDeclaration } from "../queues/queue";
import { comparedQueueArguments, parseQueueArguments, unknownType } from "../queues/queue-arguments";
import type { Store } from "../storage/store";
import { AmqpError } from "../wire/amqp-error";
import type { FieldTable, FieldValue } from "../wire/field-table";
import { fieldType } from "../wire/field-type";
import { assertSameArguments, assertSameProperty } from "./assert-equivalent";
import { definitionKey, definitionPrefix } from "./definition-key";
import {
  Exchange,
  exchangeTypes,
  predeclaredExchanges,
  type Binding,
  type Destination,
  type ExchangeDeclaration,
} from "./exchange";
import { findQueues } from "./find-queues";

export type QueueRequest = Omit<QueueDeclaration, "settings">;

export interface PublishOutcome {
  /** How many queues the message was routed to. */
  routed: number;
  /** A queue with x-overflow: reject-publish was full: the publisher gets a nack. */
  refused: boolean;
}

/** One namespace of exchanges and queues, and the way of a message between them. Refusals are AmqpErrors. */
export class VirtualHost {
  private readonly exchanges = new Map<string, Exchange>();
  private readonly queues = new Map<string, Queue>();

  constructor(
    readonly name: string,
    private readonly store: Store,
    private readonly hasStreams = true,
  ) {
    for (const declaration of predeclaredExchanges) this.exchanges.set(declaration.name, new Exchange(declaration));
    this.restore();
  }

  // --- exchanges

  exchange(name: string): Exchange {
    const exchange = this.exchanges.get(name);
    if (!exchange) throw new AmqpError(404, `no ${this.exchangeTitle(name)}`);
    return exchange;
  }

  declareExchange(wanted: Omit<ExchangeDeclaration, "type"> & { type: string }): void {
    const type = exchangeTypes.find((known) => known === wanted.type);
    if (!type) throw new AmqpError(503, `unknown exchange type '${wanted.type}'`);
    this.assertNotDefault(wanted.name);
    const where = this.exchangeTitle(wanted.name);
    const alternate = wanted.arguments["alternate-exchange"];
    if (alternate !== undefined && typeof alternate !== "string") {
      throw new AmqpError(406, `invalid type '${fieldType(alternate)}' for arg 'alternate-exchange' in ${where}`);
    }
    const known = this.exchanges.get(wanted.name)?.declaration;
    if (known) {
      assertSameProperty(where, "type", known.type, wanted.type);
      assertSameProperty(where, "durable", known.durable, wanted.durable);
      assertSameProperty(where, "auto_delete", known.autoDelete, wanted.autoDelete);
      assertSameProperty(where, "internal", known.internal, wanted.internal);
      assertSameArguments(where, ["alternate-exchange"], known.arguments, wanted.arguments);
      return;
    }
    assertNotReserved("exchange", wanted.name);
    const declaration = { ...wanted, type };
    this.exchanges.set(wanted.name, new Exchange(declaration));
    if (wanted.durable) this.store.define(this.key("exchange", wanted.name), { ...declaration });
  }

  deleteExchange(name: string, ifUnused: boolean): void {
    this.assertNotDefault(name);
    const exchange = this.exchanges.get(name);
    if (!exchange) return;
    const where = this.exchangeTitle(name);
    if (name.startsWith("amq.")) throw new AmqpError(403, `deletion of system ${where} not allowed`);
    if (ifUnused && exchange.inUse) throw new AmqpError(406, `${where} in use`);
    this.exchanges.delete(name);
    this.store.forget(this.key("exchange", name));
    for (const binding of exchange.all()) this.store.forget(this.bindingKey(name, binding));
    this.unbindDestination({ kind: "exchange", name });
  }

  // --- queues

  /** `connection` may use it: an exclusive queue belongs to the connection that declared it. */
  queue(name: string, connection: object): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw new AmqpError(404, `no ${this.queueTitle(name)}`);
    this.assertAccess(queue, connection);
    return queue;
  }

  findQueue(name: string): Queue | undefined {
    return this.queues.get(name);
  }

  declareQueue(request: QueueRequest, connection: object): Queue {
    const name = request.name || `amq.gen-${randomBytes(16).toString("base64url")}`;
    const where = this.queueTitle(name);
    const settings = parseQueueArguments(where, request.arguments);
    if (settings.type === "stream" && !this.hasStreams) throw unknownType(where, settings.type);
    const known = this.queues.get(name);
    if (known) {
      this.assertAccess(known, connection);
      if (known.declaration.owner !== request.owner) throw this.locked(name);
      assertSameProperty(where, "durable", known.declaration.durable, request.durable);
      assertSameProperty(where, "auto_delete", known.declaration.autoDelete, request.autoDelete);
      // A classic queue may be declared with or without its type.
      const current = spellOutType(known.declaration.arguments, request.arguments);
      assertSameArguments(where, comparedQueueArguments, current, spellOutType(request.arguments, current));
      known.touch();
      return known;
    }
    if (request.name) assertNotReserved("queue", name);
    assertTypeAllows(where, settings.type, request);
    const declaration = { ...request, name, settings };
    const id = this.store.nextQueueId();
    const queue = this.createQueue(declaration, id);
    if (request.durable && !request.owner) {
      const { durable, autoDelete } = request;
      this.store.define(this.key("queue", name), { name, durable, autoDelete, arguments: request.arguments, id });
    }
    return queue;
  }

  deleteQueue(queue: Queue): void {
    const { name } = queue.declaration;
    if (this.queues.get(name) !== queue) return;
    this.queues.delete(name);
    queue.remove();
    this.store.forget(this.key("queue", name));
    this.unbindDestination({ kind: "queue", name });
  }

  /** The exclusive queues of a connection end with it. */
  deleteQueuesOf(connection: object): void {
    for (const queue of [...this.queues.values()]) if (queue.declaration.owner === connection) this.deleteQueue(queue);
  }

  // --- bindings

  bind(source: string, binding: Binding): void {
    this.assertNotDefault(source);
    const exchange = this.exchange(source);
    const destination = this.destination(binding);
    if (!exchange.add(binding)) return;
    const lasts = exchange.declaration.durable && destination.durable && !destination.owner;
    if (lasts) this.store.define(this.bindingKey(source, binding), { source, ...binding });
  }

  /** A binding that is not there, or between things that are not there, is already gone. */
  unbind(source: string, binding: Binding): void {
    this.assertNotDefault(source);
    const exchange = this.exchanges.get(source);
    if (!exchange) return;
    const key = this.bindingKey(source, binding);
    this.dropBindings(exchange, (other) => this.bindingKey(source, other) === key);
  }

  // --- messages

  /**
   * Routes by the routing key and by those in the CC and BCC headers; a queue gets a message once. `visible` is the
   * message as the queues get it.
   */
  publish(message: Message, visible: Message): PublishOutcome {
    const { CC, BCC } = message.properties.headers ?? {};
    const keys = [message.routingKey, ...texts(CC), ...texts(BCC)];
    const queues = this.findQueues(message, keys);
    let refused = false;
    for (const queue of queues) if (!queue.push(visible)) refused = true;
    return { routed: queues.size, refused };
  }

  close(): void {
    for (const queue of this.queues.values()) queue.close();
  }

  private die(queue: QueueDeclaration, message: Message, reason: DeathReason): void {
    const { deadLetterExchange, deadLetterRoutingKey } = queue.settings;
    if (deadLetterExchange === undefined || !this.exchanges.has(deadLetterExchange)) return;
    const to = { exchange: deadLetterExchange, routingKey: deadLetterRoutingKey };
    const dead = deadLetter(message, reason, queue.name, to, Date.now());
    for (const target of this.findQueues(dead, [dead.routingKey])) {
      if (!diesInCircles(dead, reason, target.declaration.name)) target.push(dead);
    }
  }

  private createQueue(declaration: QueueDeclaration, id: number): Queue {
    const queue: Queue = createQueue(declaration, id, this.queueTitle(declaration.name), this.store, {
      die: (message, reason) => this.die(declaration, message, reason),
      expire: () => this.deleteQueue(queue),
    });
    this.queues.set(declaration.name, queue);
    return queue;
  }

  private restore(): void {
    for (const definition of this.store.definitions(definitionPrefix("exchange", this.name))) {
      const declaration = definition as unknown as ExchangeDeclaration;
      this.exchanges.set(declaration.name, new Exchange(declaration));
    }
    const restored = new Map<number, MessageQueue>();
    for (const definition of this.store.definitions(definitionPrefix("queue", this.name))) {
      const { id, ...request } = definition as unknown as QueueRequest & { id: number };
      const settings = parseQueueArguments(this.queueTitle(request.name), request.arguments);
      const queue = this.createQueue({ ...request, owner: undefined, settings }, id);
      if (queue instanceof MessageQueue) restored.set(id, queue);
    }
    for (const definition of this.store.definitions(definitionPrefix("binding", this.name))) {
      const { source, ...binding } = definition as unknown as Binding & { source: string };
      this.exchanges.get(source)?.add(binding);
    }
    for (const [storedId, stored] of this.store.journal.messages) {
      const queue = restored.get(stored.queueId);
      queue?.restore(stored.message, stored.expiresAtMs, storedId, stored.deliveryCount);
    }
  }

  private destination({ kind, name }: Destination): { durable: boolean; owner?: object | undefined } {
    if (kind === "exchange") {
      this.assertNotDefault(name);
      return this.exchange(name).declaration;
    }
    const queue = this.queues.get(name);
    if (!queue) throw new AmqpError(404, `no ${this.queueTitle(name)}`);
    return queue.declaration;
  }

  private unbindDestination({ kind, name }: Destination): void {
    for (const exchange of [...this.exchanges.values()]) {
      this.dropBindings(exchange, (binding) => binding.kind === kind && binding.name === name);
    }
  }

  private dropBindings(exchange: Exchange, chosen: (binding: Binding) => boolean): void {
    const dropped = exchange.remove(chosen);
    for (const binding of dropped) this.store.forget(this.bindingKey(exchange.name, binding));
    const isOver = dropped.length > 0 && exchange.declaration.autoDelete && !exchange.inUse;
    if (isOver && this.exchanges.get(exchange.name) === exchange) this.deleteExchange(exchange.name, false);
  }

  private assertAccess(queue: Queue, connection: object): void {
    const { owner, name } = queue.declaration;
    if (owner && owner !== connection) throw this.locked(name);
  }

  private locked(name: string): AmqpError {
    return new AmqpError(
      405,
      `cannot obtain exclusive access to locked ${this.queueTitle(name)}. It could be originally declared on another ` +
        "connection or the exclusive property value does not match that of the original declaration.",
    );
  }

  private assertNotDefault(exchange: string): void {
    if (exchange === "") throw new AmqpError(403, "operation not permitted on the default exchange");
  }

  private findQueues(message: Message, routingKeys: string[]): Set<Queue> {
    return findQueues(this.exchanges, this.queues, message, routingKeys);
  }

  private key(kind: "exchange" | "queue", name: string): string {
    return definitionKey(kind, this.name, name);
  }

  private bindingKey(source: string, { kind, name, routingKey, arguments: args }: Binding): string {
    return definitionKey("binding", this.name, JSON.stringify([source, kind, name, routingKey, args]));
  }

  private exchangeTitle(name: string): string {
    return `exchange '${name}' in vhost '${this.name}'`;
  }

  private queueTitle(name: string): string {
    return `queue '${name}' in vhost '${this.name}'`;
  }
}

function assertNotReserved(kind: string, name: string): void {
  if (name.startsWith("amq.")) throw new AmqpError(403, `${kind} name '${name}' contains reserved prefix 'amq.*'`);
}

function spellOutType(args: FieldTable, other: FieldTable): FieldTable {
  const isClassic = args["x-queue-type"] === undefined && other["x-queue-type"] === "classic";
  return isClassic ? { ...args, "x-queue-type": "classic" } : args;
}

function texts(value: FieldValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
