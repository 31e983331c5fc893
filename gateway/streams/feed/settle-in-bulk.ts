import type { Channel, ConsumeMessage } from "amqplib";

/** Acknowledges what was taken in one turn of the event loop with one frame. Deliveries must be taken in their order. */
export function settleInBulk(channel: Channel): (message: ConsumeMessage) => void {
  let latest: ConsumeMessage | undefined;
  const settle = () => {
    const message = latest;
    latest = undefined;
    try {
      if (message) channel.ack(message, true);
    } catch {
      // The channel is gone, and with it what it waited for; a log takes nothing away.
    }
  };
  return (message) => {
    if (!latest) setImmediate(settle);
    latest = message;
  };
}
