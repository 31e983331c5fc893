import type { StreamMessage } from "../stream";

/** What one subscriber is told beside a result that it shares with others. */
export interface Telling {
  /** Whether nothing is missing between the message before and this one. */
  readonly recovered?: boolean | undefined;
  /** Messages that this subscriber lost before this one. */
  readonly dropped: number;
}

/** A message that was executed and written once, for everyone who gets it. */
export class SharedMessage implements StreamMessage {
  readonly text: string;
  wire: StreamMessage["wire"];
  readonly #result: string;
  #recovered: StreamMessage | undefined;

  /**
   * @param result JSON of an execution result without `extensions`
   * @param traceparent of the execution, where it is traced
   */
  constructor(
    result: string,
    readonly cursor: string | undefined,
    readonly traceparent?: string,
  ) {
    this.#result = result;
    this.text = cursor === undefined ? result : `${result.slice(0, -1)}${extensionsOf(cursor)}`;
  }

  telling({ recovered, dropped }: Telling): StreamMessage {
    if (recovered === undefined && dropped === 0) return this;
    // After a reconnect storm thousands are told the same.
    if (recovered && dropped === 0) return (this.#recovered ??= this.#variant({ recovered }));
    return this.#variant({ ...(recovered === undefined ? {} : { recovered }), ...(dropped > 0 ? { dropped } : {}) });
  }

  #variant(more: object): StreamMessage {
    return { text: this.#with(more), cursor: this.cursor, wire: undefined };
  }

  #with(more: object): string {
    const extensions = JSON.stringify({ cursor: this.cursor, ...more });
    return extensions === "{}" ? this.#result : `${this.#result.slice(0, -1)},"extensions":${extensions}}`;
  }
}

/** All messages of an event have one cursor. */
let last: { readonly cursor: string; readonly text: string } | undefined;

function extensionsOf(cursor: string): string {
  if (last?.cursor !== cursor) last = { cursor, text: `,"extensions":${JSON.stringify({ cursor })}}` };
  return last.text;
}
