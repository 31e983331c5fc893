import { tooLarge } from "../decode-body";
import type { HttpAnswer } from "../read-answer";
import type { UpstreamFault } from "../upstream-fault";
import type { ResponseHead } from "./response-head";

/** One request over HTTP and its whole answer. `onEnd` is called once, unless the exchange was given up first. */
export class Exchange {
  /** What carries it, from the moment in which it is sent. */
  carrier: { destroy(): void } | undefined;
  private isOver = false;
  private answer: ResponseHead | undefined;
  private chunks: Buffer[] = [];
  private size = 0;

  /**
   * @param head request line and headers, each with its line end, without `content-length`
   * @param maxBytes of the answer's body
   */
  constructor(
    readonly head: string,
    readonly body: string,
    private readonly maxBytes: number,
    private readonly onEnd: (result: HttpAnswer | UpstreamFault) => void,
  ) {}

  /** True when nobody waits for the answer any more: what has not been sent need not be. */
  get isGivenUp(): boolean {
    return this.isOver;
  }

  /** Ends the exchange without a result. */
  giveUp(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.chunks = [];
    this.carrier?.destroy();
  }

  onHead(head: ResponseHead): void {
    this.answer = head;
    if (head.framing.kind === "length" && head.framing.bytes > this.maxBytes) this.refuse(tooLarge(this.maxBytes));
  }

  /** @param data valid for this turn when it is the last, for good otherwise */
  onData(data: Buffer): void {
    if (this.isOver) return;
    this.size += data.length;
    if (this.size > this.maxBytes) this.refuse(tooLarge(this.maxBytes));
    else this.chunks.push(data);
  }

  onComplete(): void {
    const { answer, chunks, size } = this;
    if (!answer || this.isOver) return;
    this.isOver = true;
    const { status, contentType, contentEncoding } = answer;
    // Decoding takes longer than this turn.
    const kept = contentEncoding === "" ? chunks : chunks.map((chunk) => Buffer.from(chunk));
    this.onEnd({ status, contentType, contentEncoding, chunks: kept, size });
  }

  onFault(fault: UpstreamFault): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onEnd(fault);
  }

  private refuse(fault: UpstreamFault): void {
    this.chunks = [];
    this.onFault(fault);
    this.carrier?.destroy();
  }
}
