import type { Socket } from "node:net";
import type { VirtualHost } from "../routing/virtual-host";
import type { GroupCommit } from "../storage/group-commit";
import { AmqpError } from "../wire/amqp-error";
import {
  bodyFrame,
  contentHeaderFrame,
  decodeFields,
  encodeMethod,
  frameOverhead,
  heartbeatFrame,
  methodOf,
  protocolHeader,
  type Method,
} from "../wire/codec";
import { FrameReader, frameTypes, octets, type Frame } from "../wire/frame-reader";
import type { Message } from "../message";
import type { Replies, ReplyName, Requests } from "../wire/methods";
import { answer } from "./answer";
import type { BrokerSettings } from "./broker-settings";
import { Channel } from "./channel";
import type { ChannelWire } from "./channel-wire";
import { agree, connectionStart, hearsOfRefusal, logIn, account } from "./handshake";
import { startHeartbeat, type Heartbeat } from "./heartbeat";

/** The broker, as a connection sees it. */
export interface ConnectionHost {
  readonly settings: BrokerSettings;
  readonly commit: GroupCommit;
  virtualHost(name: string): VirtualHost;
}

type State = "header" | "start-ok" | "tune-ok" | "open" | "running" | "closing" | "closed";

/** Deliveries pause while this much waits for the client to read; replies do not. */
const congestedBytes = 4 * 1024 * 1024;
/** How long a client may take to agree that the connection is over. */
const closeTimeoutMs = 1_000;

/**
 * One client. Bytes come in as frames, and the methods on channel 0 are answered here; the others belong to a channel.
 * Whatever arrives, the answer is a connection error and a closed socket at worst: nothing a client sends may throw out
 * of here. What goes out waits for the turn's writes to be on disk, so no reply promises what a kill could take back.
 */
export class Connection implements ChannelWire {
  readonly user = account.user;
  virtualHost!: VirtualHost;
  private state: State = "header";
  private readonly reader: FrameReader;
  private readonly channels = new Map<number, Channel>();
  private channelMax: number;
  private heartbeat: Heartbeat | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private corked = false;
  private readonly gone: Promise<void>;

  constructor(
    private readonly host: ConnectionHost,
    private readonly socket: Socket,
    onGone: () => void,
  ) {
    this.reader = new FrameReader(host.settings.frameMaxBytes);
    this.channelMax = host.settings.channelMax;
    this.deadline = setTimeout(() => socket.destroy(), host.settings.handshakeTimeoutMs);
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        this.end();
        onGone();
        resolve();
      });
    });
    socket.setNoDelay(true);
    // A reset is no news: "close" follows, and that is where things are put away.
    socket.on("error", () => undefined);
    socket.on("drain", () => this.wakeQueues());
    socket.on("data", (bytes) => this.receive(bytes));
  }

  get congested(): boolean {
    return this.socket.writableLength > congestedBytes;
  }

  send<N extends ReplyName>(name: N, channel: number, fields: Replies[N]): void {
    this.write(encodeMethod(name, channel, fields));
  }

  sendContent<N extends ReplyName>(name: N, channel: number, fields: Replies[N], message: Message): void {
    const { body, encodedProperties } = message;
    this.send(name, channel, fields);
    this.write(contentHeaderFrame(channel, body.length, encodedProperties));
    const room = this.reader.frameMaxBytes - frameOverhead;
    for (let at = 0; at < body.length; at += room) this.write(bodyFrame(channel, body.subarray(at, at + room)));
  }

  release(channel: number): void {
    this.channels.delete(channel);
  }

  async shutDown(): Promise<void> {
    if (this.state === "running")
      this.refuse(new AmqpError(320, "broker forced connection closure with reason 'shutdown'"));
    else this.socket.destroy();
    await this.gone;
  }

  private receive(bytes: Buffer): void {
    this.heartbeat?.received();
    if (this.state === "closed") return;
    this.reader.push(bytes);
    let method: Method | undefined;
    try {
      if (this.state === "header" && !this.takeHeader()) return;
      for (let frame = this.reader.next(); frame; frame = this.reader.next()) {
        method = undefined;
        if (frame.type === frameTypes.method && frame.payload.length >= 4)
          method = methodOf(frame.payload.readUInt32BE(0));
        this.handle(frame, method);
        if ((this.state as State) === "closed") return;
      }
    } catch (error) {
      this.refuse(error, method?.id);
    }
  }

  private takeHeader(): boolean {
    const header = this.reader.takeHeader();
    if (!header) return false;
    if (!header.equals(protocolHeader)) {
      // "The server MUST write a valid protocol header and close the socket" (2.2.4).
      this.state = "closed";
      this.socket.end(protocolHeader);
      return false;
    }
    this.state = "start-ok";
    this.send("ConnectionStart", 0, connectionStart);
    return true;
  }

  private handle(frame: Frame, method: Method | undefined): void {
    const { type, channel, payload } = frame;
    if (type === frameTypes.heartbeat) {
      if (channel !== 0) throw new AmqpError(505, `type 8, all octets = ${octets(payload)}`);
      return;
    }
    if (type === frameTypes.method && !method) {
      throw new AmqpError(501, `type 1, all octets = ${octets(payload)}: unknown_frame`);
    }
    const fields = method ? this.fieldsOf(method, payload) : undefined;
    if (this.state === "closing") {
      if (channel === 0 && method?.name === "ConnectionCloseOk") this.hangUp();
      if (channel === 0 && method?.name === "ConnectionClose") this.send("ConnectionCloseOk", 0, {});
    } else if (channel === 0) {
      if (!method) throw new AmqpError(505, "expected method frame, got non method frame instead");
      this.control(method, fields);
    } else if (this.state === "running") {
      this.forward(frame, method, fields);
    } else {
      this.hangUp();
    }
  }

  private fieldsOf({ id, name }: Method, payload: Buffer): unknown {
    if (!name) throw new AmqpError(503, "unimplemented method");
    try {
      return decodeFields(id, payload.subarray(4));
    } catch {
      throw new AmqpError(501, `cannot decode ${octets(payload.subarray(4))}`);
    }
  }

  private forward(frame: Frame, method: Method | undefined, fields: unknown): void {
    let channel = this.channels.get(frame.channel);
    if (method?.name === "ChannelOpen") {
      if (channel) throw new AmqpError(504, "second 'channel.open' seen");
      if (this.channels.size >= this.channelMax) {
        const limit = `the negotiated channel_max (${this.channelMax})`;
        throw new AmqpError(530, `number of channels opened (${this.channels.size}) has reached ${limit}`);
      }
      channel = new Channel(this, frame.channel, answer);
      this.channels.set(frame.channel, channel);
      this.send("ChannelOpenOk", frame.channel, { channelId: Buffer.alloc(0) });
      return;
    }
    if (!channel) throw new AmqpError(504, "expected 'channel.open'");
    channel.receive(frame, method, fields);
  }

  /** Methods on channel 0. During the handshake RabbitMQ hangs up on what is out of turn; so does this. */
  private control({ name }: Method, fields: unknown): void {
    if (name === "ConnectionStartOk" && this.state === "start-ok") {
      this.onStartOk(fields as Requests["ConnectionStartOk"]);
    } else if (name === "ConnectionTuneOk" && this.state === "tune-ok") {
      this.onTuneOk(fields as Requests["ConnectionTuneOk"]);
    } else if (name === "ConnectionOpen" && this.state === "open") {
      clearTimeout(this.deadline);
      this.virtualHost = this.host.virtualHost((fields as Requests["ConnectionOpen"]).virtualHost);
      this.state = "running";
      this.send("ConnectionOpenOk", 0, { knownHosts: "" });
    } else if (name === "ConnectionClose") {
      this.end();
      this.send("ConnectionCloseOk", 0, {});
      this.hangUp();
    } else if (this.state !== "running") {
      this.hangUp();
    } else if (name === "ConnectionUpdateSecret") {
      this.send("ConnectionUpdateSecretOk", 0, {});
    } else {
      throw new AmqpError(504, "unexpected method in connection state running");
    }
  }

  private onStartOk(fields: Requests["ConnectionStartOk"]): void {
    const outcome = logIn(fields);
    if (outcome === "refused" && hearsOfRefusal(fields.clientProperties)) {
      throw new AmqpError(
        403,
        "Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
      );
    }
    if (outcome !== "welcome") return this.hangUp();
    this.state = "tune-ok";
    const { channelMax, frameMaxBytes, heartbeatSeconds } = this.host.settings;
    this.send("ConnectionTune", 0, { channelMax, frameMax: frameMaxBytes, heartbeat: heartbeatSeconds });
  }

  private onTuneOk(fields: Requests["ConnectionTuneOk"]): void {
    const tuning = agree(fields, this.host.settings);
    if (!tuning) return this.hangUp();
    this.channelMax = tuning.channelMax;
    this.reader.frameMaxBytes = tuning.frameMaxBytes;
    this.state = "open";
    if (!tuning.heartbeatSeconds) return;
    const send = (): void => this.write(heartbeatFrame);
    this.heartbeat = startHeartbeat(tuning.heartbeatSeconds, send, () => this.socket.destroy());
  }

  /** Sends connection.close and waits for its ok; nothing else of the client counts any more. */
  private refuse(error: unknown, methodId = 0): void {
    if (this.state === "closing") {
      // It was told what is wrong and still sends nonsense.
      this.socket.destroy();
      return;
    }
    const known = error instanceof AmqpError ? error : new AmqpError(541, "unexpected error");
    if (known !== error) console.error(error);
    this.end();
    this.state = "closing";
    this.send("ConnectionClose", 0, {
      replyCode: known.replyCode,
      replyText: known.replyText,
      classId: methodId >>> 16,
      methodId: methodId & 0xffff,
    });
    this.deadline = setTimeout(() => this.socket.destroy(), closeTimeoutMs);
  }

  private hangUp(): void {
    this.state = "closed";
    // Behind what is still corked: the client may have a reply coming.
    this.host.commit.whenSafe(() => this.socket.end());
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.socket.destroy(), closeTimeoutMs);
  }

  /** Puts away everything that lives with the connection; safe to call twice. */
  private end(): void {
    clearTimeout(this.deadline);
    this.heartbeat?.stop();
    const channels = [...this.channels.values()];
    this.channels.clear();
    for (const channel of channels) channel.end();
    if (this.state === "running") this.virtualHost.deleteQueuesOf(this);
    this.state = "closed";
  }

  private wakeQueues(): void {
    for (const channel of this.channels.values()) channel.wakeQueues();
  }

  private write(bytes: Buffer): void {
    if (this.socket.destroyed) return;
    if (!this.corked) {
      this.corked = true;
      this.socket.cork();
      this.host.commit.whenSafe(() => {
        this.corked = false;
        this.socket.uncork();
      });
    }
    this.heartbeat?.sent();
    this.socket.write(bytes);
  }
}
