import { createClient } from "graphql-ws";

/**
 * Subscriptions over one graphql-ws connection, opened with the first and closed with the last.
 *
 * The headers tab travels as `connectionParams`, the letter case as typed. They belong to the connection and not to
 * the subscription; so when they change while one is running, the connection is dropped and graphql-ws connects again
 * with the new ones and resumes what was running.
 */
export function createLiveClient(url) {
  let headers = {};
  let everConnected = false;
  /** Runs of the page that wait on this connection; each is told when it is being re-established. */
  const running = new Set();

  const client = createClient({
    url,
    connectionParams: () => headers,
    retryAttempts: 5,
    // A server that cannot be reached at all, or that refuses these headers (4403), is an answer: show it at once.
    shouldRetry: (event) => everConnected && typeof event?.code === "number" && event.code !== 4403,
    on: {
      connecting: (isRetry) => isRetry && running.forEach((one) => one.status("reconnecting")),
      connected: () => {
        everConnected = true;
        running.forEach((one) => one.status("live"));
      },
    },
  });

  function useHeaders(next = {}) {
    if (JSON.stringify(next) === JSON.stringify(headers)) return;
    headers = next;
    if (running.size > 0) client.terminate();
  }

  return {
    /** Headers for this and later connections; a running subscription moves to a new connection. */
    useHeaders,
    /** @returns {() => void} ends the subscription */
    subscribe(request, withHeaders, observer) {
      if (running.size === 0) everConnected = false;
      useHeaders(withHeaders);
      running.add(observer);
      // graphql-ws sends it again whenever it connects again: then from where the last result was.
      const payload = { ...request };
      let stop;
      const start = () => {
        stop = client.subscribe(payload, {
          next(result) {
            const cursor = result.extensions?.cursor;
            if (cursor) payload.extensions = { resume: { cursor } };
            observer.next(result);
          },
          error(error) {
            const errors = asErrors(error, url);
            // Of a gateway that knows other cursors: then without what was missed.
            if (payload.extensions && errors[0]?.extensions?.code === "SUBSCRIPTION_INVALID_CURSOR") {
              delete payload.extensions;
              start();
              return;
            }
            running.delete(observer);
            observer.error(errors);
          },
          complete() {
            if (running.delete(observer)) observer.complete();
          },
        });
      };
      start();
      return () => {
        running.delete(observer);
        stop();
      };
    },
  };
}

/** What a result's `errors` should hold. graphql-ws gives GraphQL errors as they came, a lost connection as an event. */
function asErrors(error, url) {
  if (Array.isArray(error)) return error;
  if (error instanceof CloseEvent) {
    return [{ message: `The connection to ${url} was closed: ${error.code} ${error.reason}`.trim() }];
  }
  return [{ message: error instanceof Error ? error.message : `The connection to ${url} failed.` }];
}
