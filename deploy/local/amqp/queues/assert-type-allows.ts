import { AmqpError } from "../wire/amqp-error";
import type { QueueDeclaration } from "./queue";
import type { QueueType } from "./queue-arguments";

/** Quorum queues and streams are replicated logs in RabbitMQ: never temporary, never nameless. Throws 406. */
export function assertTypeAllows(where: string, type: QueueType, request: Omit<QueueDeclaration, "settings">): void {
  if (type === "classic") return;
  if (!request.name) throw new AmqpError(406, `Cannot declare a server-named queue for type rabbit_${type}_queue`);
  if (!request.durable) throw new AmqpError(406, `invalid property 'non-durable' for ${where}`);
  if (request.owner) throw new AmqpError(406, `invalid property 'exclusive-owner' for ${where}`);
  if (request.autoDelete) throw new AmqpError(406, `invalid property 'auto-delete' for ${where}`);
}
