import { type ConstDirectiveNode, valueFromASTUntyped } from "graphql";
import type { EventCondition } from "./event-condition";
import { type EventPath, parseEventPath } from "./event-path";
import { EventConditionError, parseConditions } from "./parse-conditions";

/** An `@event` as it is written, with its defaults. Nothing says yet that what it names exists. */
export interface EventDeclaration {
  /** Exact event types. */
  readonly types: readonly string[];
  /** Where the body holds the `id` of the entity that the field returns. */
  readonly key: EventPath;
  /** For a field that returns a union or an interface: which entity an event of each type is about. */
  readonly entities: ReadonlyMap<string, string>;
  readonly where: readonly EventCondition[];
  readonly authorize: readonly EventCondition[];
  readonly delivery:
    { readonly kind: "ENTITY" } | { readonly kind: "PAYLOAD"; readonly fields: ReadonlyMap<string, EventPath> };
  readonly buffer: {
    readonly policy: BufferPolicy;
    readonly maxMessages: number;
    readonly maxBytes: number;
    readonly coalesceMs: number;
  };
  readonly replay: { readonly maxAgeMs: number; readonly maxEvents: number };
}

export type BufferPolicy = "LATEST" | "DROP_OLDEST" | "CLOSE";

/** What a directive that leaves them out means; kit/subgraph/event-directive.ts says the same in SDL. */
export const EVENT_DEFAULTS = {
  buffer: { policy: "LATEST", maxMessages: 256, maxBytes: 1_048_576, coalesceMs: 0 },
  replay: { maxAgeSeconds: 3_600, maxEvents: 10_000 },
} as const;

const LIMITS = {
  maxMessages: [1, 100_000],
  maxBytes: [1_024, 67_108_864],
  coalesceMs: [0, 60_000],
  maxAgeSeconds: [0, 604_800],
  maxEvents: [0, 1_000_000],
} as const;

/** @returns the declaration, and one sentence for each thing in it that makes no sense (then the declaration is no use) */
export function readEventDirective(directive: ConstDirectiveNode): {
  readonly declaration: EventDeclaration;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const values = asRecord(
    Object.fromEntries(
      (directive.arguments ?? []).map(({ name, value }): [string, unknown] => [name.value, valueFromASTUntyped(value)]),
    ),
  );
  const types = asList(values["types"]).filter((type): type is string => typeof type === "string");
  if (types.length === 0) problems.push("it names no event type");
  const path = (text: unknown, of: string): EventPath => {
    const parsed = typeof text === "string" ? parseEventPath(text) : undefined;
    if (!parsed) problems.push(`${of} is not a path such as "order.id": ${JSON.stringify(text ?? null)}`);
    return parsed ?? [];
  };
  const conditions = (name: "where" | "authorize"): readonly EventCondition[] => {
    const text = values[name];
    if (text === undefined || text === null) return [];
    try {
      return parseConditions(String(text));
    } catch (error) {
      if (!(error instanceof EventConditionError)) throw error;
      problems.push(`${name}: ${error.message}`);
      return [];
    }
  };

  const key = path(values["key"], "key");
  const delivery = values["delivery"] ?? "ENTITY";
  const payload = asList(values["payload"]).map(asRecord);
  if (delivery !== "ENTITY" && delivery !== "PAYLOAD") problems.push(`delivery is ENTITY or PAYLOAD`);
  if (delivery === "PAYLOAD" && payload.length === 0) problems.push("delivery PAYLOAD lists no fields in payload");
  if (delivery === "ENTITY" && payload.length > 0) problems.push("payload is listed, but the delivery is not PAYLOAD");
  const fields = new Map(
    payload.map(({ field, path: at }): [string, EventPath] => [String(field), path(at, `payload "${String(field)}"`)]),
  );
  if (fields.size < payload.length) problems.push("payload lists a field twice");
  const entities = asList(values["entities"]).map(asRecord);
  return {
    declaration: {
      types,
      key,
      entities: new Map(entities.map(({ event, type }): [string, string] => [String(event), String(type)])),
      where: conditions("where"),
      authorize: conditions("authorize"),
      delivery: delivery === "PAYLOAD" ? { kind: "PAYLOAD", fields } : { kind: "ENTITY" },
      buffer: readBuffer(asRecord(values["buffer"]), problems),
      replay: readReplay(asRecord(values["replay"]), problems),
    },
    problems,
  };
}

type Values = Readonly<Record<string, unknown>>;

function readBuffer(values: Values, problems: string[]): EventDeclaration["buffer"] {
  const { policy = EVENT_DEFAULTS.buffer.policy } = values;
  if (!isPolicy(policy)) problems.push("buffer.policy is LATEST, DROP_OLDEST or CLOSE");
  const number = (name: "maxMessages" | "maxBytes" | "coalesceMs") =>
    readNumber(values, "buffer", name, EVENT_DEFAULTS.buffer[name], problems);
  const coalesceMs = number("coalesceMs");
  if (coalesceMs > 0 && policy !== "LATEST") {
    problems.push("buffer.coalesceMs makes changes of one entity one, which only the policy LATEST allows");
  }
  return {
    policy: isPolicy(policy) ? policy : EVENT_DEFAULTS.buffer.policy,
    maxMessages: number("maxMessages"),
    maxBytes: number("maxBytes"),
    coalesceMs,
  };
}

function readReplay(values: Values, problems: string[]): EventDeclaration["replay"] {
  const number = (name: "maxAgeSeconds" | "maxEvents") =>
    readNumber(values, "replay", name, EVENT_DEFAULTS.replay[name], problems);
  return { maxAgeMs: number("maxAgeSeconds") * 1_000, maxEvents: number("maxEvents") };
}

function readNumber(values: Values, of: string, name: keyof typeof LIMITS, missing: number, problems: string[]) {
  const value = values[name] ?? missing;
  const [least, most] = LIMITS[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  problems.push(`${of}.${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  return missing;
}

const isPolicy = (value: unknown): value is BufferPolicy =>
  value === "LATEST" || value === "DROP_OLDEST" || value === "CLOSE";

/** A single value stands for a list of one. https://spec.graphql.org/October2021/#sec-List.Input-Coercion */
const asList = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? (value as unknown[]) : [value];

const asRecord = (value: unknown): Values => (typeof value === "object" && value !== null ? (value as Values) : {});
