import { type Delivery, errorsText } from "./delivery";

/** Clients that come back come back spread over this time, in milliseconds, not all at once. */
const RETRY_MS = { least: 500, most: 5_000 };
const COMPLETE = "event: complete\ndata:\n\n";

/**
 * Server-sent events, each operation on a connection of its own.
 * https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
export const eventStream: Delivery = {
  contentType: "text/event-stream; charset=utf-8",
  opening: ":\n\n",
  message: ({ text, cursor }) =>
    `${cursor === undefined ? "" : `id: ${cursor}\n`}event: next\ndata: ${onOneLine(text)}\n\n`,
  heartbeat: ":\n\n",
  ending: (ending) => {
    switch (ending.kind) {
      case "complete":
        return COMPLETE;
      case "error":
        return eventStream.message({ text: errorsText(ending.errors) }) + COMPLETE;
      case "going-away":
        // Without `complete` a client has lost its connection, and comes back with the last id.
        return `retry: ${Math.round(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least))}\n\n`;
    }
  },
};

/** A line break is the end of a field. In JSON it is white space only: inside of strings it is always escaped. */
const onOneLine = (text: string): string => (/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, " ") : text);
