import { isDeepStrictEqual } from "node:util";
import type { FieldTable } from "../wire/field-table";
import { checkHeadersBinding, headersMatch } from "./headers-match";
import { topicMatches, topicWords } from "./topic-matches";

export const exchangeTypes = ["direct", "topic", "fanout", "headers"] as const;
export type ExchangeType = (typeof exchangeTypes)[number];

export interface ExchangeDeclaration {
  name: string;
  type: ExchangeType;
  durable: boolean;
  autoDelete: boolean;
  internal: boolean;
  arguments: FieldTable;
}

/** What every virtual host has from the start: the default exchange, and one or two of each type. */
export const predeclaredExchanges: readonly ExchangeDeclaration[] = (
  [
    ["", "direct"],
    ["amq.direct", "direct"],
    ["amq.topic", "topic"],
    ["amq.fanout", "fanout"],
    ["amq.headers", "headers"],
    ["amq.match", "headers"],
  ] as const
).map(([name, type]) => ({ name, type, durable: true, autoDelete: false, internal: false, arguments: {} }));

export interface Destination {
  kind: "queue" | "exchange";
  name: string;
}

export interface Binding extends Destination {
  routingKey: string;
  arguments: FieldTable;
}

/** Keys are remembered with where they lead; publishers may invent keys, so the memory has an end. */
const rememberedKeys = 4096;

export class Exchange {
  private bindings: Binding[] = [];
  private readonly routes = new Map<string, Destination[]>();

  constructor(readonly declaration: ExchangeDeclaration) {}

  get name(): string {
    return this.declaration.name;
  }

  get inUse(): boolean {
    return this.bindings.length > 0;
  }

  get alternate(): string | undefined {
    const name = this.declaration.arguments["alternate-exchange"];
    return typeof name === "string" ? name : undefined;
  }

  all(): readonly Binding[] {
    return this.bindings;
  }

  /** Adding the same binding twice is one binding. Returns whether it is new; throws 406 on impossible arguments. */
  add(binding: Binding): boolean {
    if (this.declaration.type === "headers") checkHeadersBinding(binding.arguments);
    if (this.bindings.some((known) => isDeepStrictEqual(known, binding))) return false;
    this.bindings.push(binding);
    this.routes.clear();
    return true;
  }

  /** Removes and returns the bindings that `chosen` picks. */
  remove(chosen: (binding: Binding) => boolean): Binding[] {
    const removed = this.bindings.filter(chosen);
    if (removed.length) {
      this.bindings = this.bindings.filter((binding) => !removed.includes(binding));
      this.routes.clear();
    }
    return removed;
  }

  /** Where a message goes; a destination bound twice is named twice. */
  destinations(routingKey: string, headers: FieldTable): readonly Destination[] {
    if (this.declaration.type === "headers") return this.bindings.filter((b) => headersMatch(b.arguments, headers));
    const known = this.routes.get(routingKey);
    if (known) return known;
    const found = this.bindings.filter(this.matcher(routingKey));
    if (this.routes.size >= rememberedKeys) this.routes.clear();
    this.routes.set(routingKey, found);
    return found;
  }

  private matcher(routingKey: string): (binding: Binding) => boolean {
    if (this.declaration.type === "fanout") return () => true;
    if (this.declaration.type === "direct") return (binding) => binding.routingKey === routingKey;
    const words = topicWords(routingKey);
    return (binding) => topicMatches(topicWords(binding.routingKey), words);
  }
}
