import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { writeOwnFrame, writeTextFrame } from "./text-frame";

export interface OutletOwner {
  /** Everything was taken; never called while something is sent. */
  onDrained(): void;
  /** Nothing was taken for the whole timeout. */
  onStalled(): void;
}

/**
 * The sending half of one socket. Node keeps what the peer does not take, without end; so beyond the socket's high-water mark (16 KB) the outlet is congested:
 * subscriptions are asked to wait, nothing more is read from the peer, so that nothing it asks for adds to what waits, and a peer that does not take a single
 * byte within the timeout is given up.
 */
export class Outlet {
  /** Ends the congestion; undefined without one. Idle sockets are many, so nothing is made for them in advance. */
  private clear: (() => void) | undefined;

  constructor(
    private readonly ws: WebSocket,
    private readonly socket: Socket,
    private readonly writeTimeoutMs: number,
    private readonly owner: OutletOwner,
  ) {}

  get isCongested(): boolean {
    return this.clear !== undefined;
  }

  /** @returns false when no more should come until `onDrained` */
  sendShared(prefix: string, prefixBytes: number, shared: Buffer): boolean {
    if (this.ws.readyState !== this.ws.OPEN) return true;
    writeTextFrame(this.socket, prefix, prefixBytes, shared);
    return this.hasRoom();
  }

  /** @returns the same */
  send(text: string): boolean {
    if (this.ws.readyState !== this.ws.OPEN) return true;
    writeOwnFrame(this.socket, text);
    return this.hasRoom();
  }

  /** What is sent until the end of this turn's promises leaves in one write. */
  gather(): void {
    this.socket.cork();
    process.nextTick(uncork, this.socket);
  }

  /** Reads again, for instance the peer's answer to a close frame. */
  release(): void {
    this.clear?.();
    this.clear = undefined;
  }

  private hasRoom(): boolean {
    const hasRoom = this.socket.writableLength < this.socket.writableHighWaterMark;
    if (!hasRoom) this.clear ??= this.hold();
    return hasRoom;
  }

  private hold(): () => void {
    const { ws, socket, owner } = this;
    const onDrain = () => {
      this.release();
      owner.onDrained();
    };
    const onTimeout = () => {
      this.release();
      owner.onStalled();
    };
    ws.pause();
    socket.once("drain", onDrain);
    socket.once("timeout", onTimeout);
    // Counted anew whenever the system takes a part of what waits, even of one large message.
    socket.setTimeout(this.writeTimeoutMs);
    return () => {
      socket.off("drain", onDrain);
      socket.off("timeout", onTimeout);
      socket.setTimeout(0);
      ws.resume();
    };
  }
}

const uncork = (socket: Socket) => socket.uncork();
