import type { FieldTable } from "../wire/field-table";
import type { Replies, Requests } from "../wire/methods";
import type { BrokerSettings } from "./broker-settings";

/** The account every RabbitMQ has at first; like there, it is for connections from the same machine. */
export const account = { user: "guest", password: "guest" };

/** What the broker says of itself; clients choose by the capabilities, so only what is there is named. */
export const connectionStart: Replies["ConnectionStart"] = {
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: {
    product: "Tributary development broker",
    information: "For development and tests, not for production",
    platform: "Node.js",
    capabilities: {
      publisher_confirms: true,
      exchange_exchange_bindings: true,
      "basic.nack": true,
      consumer_cancel_notify: true,
      "connection.blocked": false,
      consumer_priorities: true,
      authentication_failure_close: true,
      per_consumer_qos: true,
      direct_reply_to: false,
    },
  },
  mechanisms: Buffer.from("PLAIN"),
  locales: Buffer.from("en_US"),
};

export type LogIn = "welcome" | "refused" | "malformed";

/** SASL PLAIN (RFC 4616): NUL, user, NUL, password. */
export function logIn({ mechanism, response }: Requests["ConnectionStartOk"]): LogIn {
  const parts = response.toString("utf8").split("\0");
  if (mechanism !== "PLAIN" || parts.length !== 3) return "malformed";
  return parts[1] === account.user && parts[2] === account.password ? "welcome" : "refused";
}

/** Whether the client wants to hear of a refused login; an older one just finds the socket closed. */
export function hearsOfRefusal(clientProperties: FieldTable): boolean {
  const capabilities = clientProperties.capabilities;
  return (
    typeof capabilities === "object" &&
    capabilities !== null &&
    (capabilities as FieldTable).authentication_failure_close === true
  );
}

export interface Tuning {
  channelMax: number;
  frameMaxBytes: number;
  heartbeatSeconds: number;
}

/** The specification's floor for frame-max (4.2.6, frame-min-size). */
const frameMinBytes = 4096;

/**
 * What client and broker agreed on; a client's 0 means "no limit of mine" and leaves the broker's. Undefined when the
 * client asks for more than it was offered.
 */
export function agree(asked: Requests["ConnectionTuneOk"], offered: BrokerSettings): Tuning | undefined {
  const frameMaxBytes = asked.frameMax || offered.frameMaxBytes;
  const channelMax = asked.channelMax || offered.channelMax;
  const tooBig = frameMaxBytes > offered.frameMaxBytes || channelMax > offered.channelMax;
  if (tooBig || frameMaxBytes < frameMinBytes) return undefined;
  return { frameMaxBytes, channelMax, heartbeatSeconds: asked.heartbeat };
}
