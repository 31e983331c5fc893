import type { ConsumeMessage, Options } from "amqplib";
import { givenTraceparent, headersOfTrace } from "../request-context";

/**
 * An event on its way: CloudEvents 1.0 attributes as AMQP headers with the prefix `cloudEvents_`, the data as JSON body
 * (binary mode of the AMQP binding; RabbitMQ converts scalar headers to and from AMQP 1.0 application properties).
 */
export interface EventMessage {
  /** UUIDv7; consumers drop a second event with the same id. */
  readonly id: string;
  /** Type with its major version, also the routing key: `orders.order.placed.v1`. */
  readonly type: string;
  /** The service that says so, such as `/orders`. */
  readonly source: string;
  /** Id of the aggregate the event is about; events of one subject keep their order. */
  readonly subject: string;
  /** ISO 8601. */
  readonly time: string;
  readonly data: unknown;
  readonly requestId?: string | undefined;
  /** As in `RequestContext`. */
  readonly traceparent?: string | undefined;
}

const PREFIX = "cloudEvents_";
const MAX_BODY_BYTES = 1_048_576;

/** What is wrong with a delivery, in one word for a metric. */
export type Malformation = "size" | "json" | "prototype" | "attribute" | "shape";

/** A delivery that is not an event: broken headers or body. Trying again cannot mend it. */
export class MalformedEventError extends Error {
  override readonly name = "MalformedEventError";

  constructor(
    message: string,
    options?: ErrorOptions,
    readonly malformation: Malformation = "shape",
  ) {
    super(message, options);
  }
}

export function toPublishOptions(event: EventMessage): Options.Publish {
  const headers: Record<string, string> = {
    [`${PREFIX}specversion`]: "1.0",
    [`${PREFIX}id`]: event.id,
    [`${PREFIX}type`]: event.type,
    [`${PREFIX}source`]: event.source,
    [`${PREFIX}subject`]: event.subject,
    [`${PREFIX}time`]: event.time,
  };
  if (event.requestId !== undefined) headers["requestId"] = event.requestId;
  if (event.traceparent !== undefined) Object.assign(headers, headersOfTrace(event.traceparent));
  return {
    headers,
    contentType: "application/json",
    contentEncoding: "utf-8",
    messageId: event.id,
    type: event.type,
    timestamp: Math.floor(Date.parse(event.time) / 1000),
    persistent: true,
    mandatory: true,
  };
}

export const toBody = (event: EventMessage): Buffer => Buffer.from(JSON.stringify(event.data), "utf8");

/** Looking at every key of every body costs several times what parsing costs, and almost none can have such a key. */
const MAY_NAME_A_PROTOTYPE = /__proto__|constructor|prototype|\\u/;

/** A key that means the prototype to JavaScript has no honest use in an event, and merging it into an object would change that one's class. */
function refusePrototypeKeys(key: string, value: unknown): unknown {
  if (key === "__proto__" || key === "constructor" || key === "prototype") {
    throw new MalformedEventError("the body has a key that names a prototype", {}, "prototype");
  }
  return value;
}

/** @throws MalformedEventError naming what is missing or wrong, without the content */
export function fromMessage(message: ConsumeMessage): EventMessage {
  const headers = message.properties.headers ?? {};
  const attribute = (name: string): string => {
    const value: unknown = headers[PREFIX + name] ?? headers[`cloudEvents:${name}`];
    if (typeof value !== "string" || value === "") {
      throw new MalformedEventError(`the attribute "${name}" is missing`, {}, "attribute");
    }
    return value;
  };
  const optional = (value: unknown) => (typeof value === "string" ? value : undefined);
  if (message.content.length > MAX_BODY_BYTES)
    throw new MalformedEventError("the body is larger than 1 MiB", {}, "size");
  let data: unknown;
  try {
    const body = message.content.toString("utf8");
    data = JSON.parse(body, MAY_NAME_A_PROTOTYPE.test(body) ? refusePrototypeKeys : undefined);
  } catch (cause) {
    if (cause instanceof MalformedEventError) throw cause;
    throw new MalformedEventError("the body is not JSON", { cause }, "json");
  }
  return {
    id: attribute("id"),
    type: attribute("type"),
    source: attribute("source"),
    subject: attribute("subject"),
    time: attribute("time"),
    data,
    requestId: optional(headers["requestId"]),
    traceparent: givenTraceparent(headers["traceparent"], headers["tracestate"]),
  };
}
