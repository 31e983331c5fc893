import type { Message } from "../message";
import type { VirtualHost } from "../routing/virtual-host";
import type { Replies, ReplyName } from "../wire/methods";

/** What a channel needs of the connection it belongs to. */
export interface ChannelWire {
  readonly user: string;
  readonly virtualHost: VirtualHost;
  /** True while the client does not read what it was already sent. */
  readonly congested: boolean;
  send<N extends ReplyName>(name: N, channel: number, fields: Replies[N]): void;
  /** A method that carries a message: method, header and body frames in one go. */
  sendContent<N extends ReplyName>(name: N, channel: number, fields: Replies[N], message: Message): void;
  /** The channel's number is free again. */
  release(channel: number): void;
}
