/** The two ways of a subscription over HTTP: what asks for it, what ends a message, and the execution result in one; `undefined` for a heartbeat. */
export const STREAM_WIRE = {
  events: {
    accept: "text/event-stream",
    end: "\n\n",
    read: (text: string): unknown => {
      const data = /^data: (.+)$/m.exec(text)?.[1];
      return data === undefined ? undefined : JSON.parse(data);
    },
  },
  parts: {
    accept: 'multipart/mixed;subscriptionSpec="1.0"',
    end: "\r\n--graphql",
    read: (text: string): unknown => {
      const json = text.split("\r\n\r\n")[1];
      if (json === undefined) return undefined;
      const { payload, errors } = JSON.parse(json) as { payload?: unknown; errors?: unknown };
      return payload ?? (errors ? { errors } : undefined);
    },
  },
} as const;
