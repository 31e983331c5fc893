import type { Ending, Sink, StreamMessage } from "../../../stream";

/** One message as a client would read it. */
export interface Received {
  readonly data: { readonly key: string | number; readonly event: string | null; readonly graph: number } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
  readonly extensions?: { readonly cursor?: string; readonly recovered?: boolean; readonly dropped?: number };
}

/** Takes messages, as many at once as it is told to. */
export class RecordingSink implements Sink {
  readonly received: Received[] = [];
  readonly messages: StreamMessage[] = [];
  ending: Ending | undefined;
  /** How many more it takes before it asks to wait. */
  room = Infinity;

  write(message: StreamMessage): boolean {
    if (this.ending) throw new Error("a message after the end");
    this.messages.push(message);
    this.received.push(JSON.parse(message.text) as Received);
    return --this.room > 0;
  }

  end(ending: Ending): void {
    if (this.ending) throw new Error("ended twice");
    this.ending = ending;
  }

  /** The ids of the events that came, without other messages. */
  get events(): string[] {
    return this.received.flatMap(({ data }) => (data?.event ? [data.event] : []));
  }

  get last(): Received | undefined {
    return this.received.at(-1);
  }

  get cursor(): string | undefined {
    return this.messages.at(-1)?.cursor;
  }

  /** The code that the subscription ended with. */
  get code(): unknown {
    return this.ending?.kind === "error" ? this.ending.errors[0]?.extensions["code"] : undefined;
  }
}
