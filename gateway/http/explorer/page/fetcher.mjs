import { Kind, parse } from "graphql";

/**
 * The function GraphiQL calls for every operation: queries and mutations by POST, subscriptions through `live`.
 *
 * Unlike the toolkit's fetcher it looks at the text it was given, not at GraphiQL's parsed document, which follows
 * the editor 100 ms late; "stop" aborts the request; and an answer that is not JSON becomes a readable error.
 *
 * @param {{ url: string, live: ReturnType<typeof import("./live-client.mjs").createLiveClient>,
 *   activity: ReturnType<typeof import("./activity.mjs").createActivity>,
 *   extraHeaders: () => Record<string, string>, present: (result: unknown) => unknown }} options
 *   `extraHeaders` go with operations but not with introspection; `present` makes of a result what is shown.
 */
export function createFetcher({ url, live, activity, extraHeaders, present }) {
  return ({ query, variables, operationName }, { headers } = {}) => {
    if (operationName === "IntrospectionQuery") {
      return post(url, { query, operationName }, headers).then(({ body }) => body);
    }
    const operation = chooseOperation(query, operationName);
    const request = { query, variables, operationName: operation?.name };
    const started = performance.now();
    const elapsedMs = () => performance.now() - started;
    activity.start();

    if (operation?.kind === "subscription") {
      let events = 0;
      return observable((observer) =>
        live.subscribe(request, headers, {
          next(result) {
            activity.update({ state: "live", events: ++events, durationMs: elapsedMs(), result });
            observer.next(present(result));
          },
          status: (state) => activity.update({ state }),
          error(errors) {
            activity.update({ state: "failed", durationMs: elapsedMs() });
            observer.next({ errors });
            observer.complete();
          },
          complete() {
            activity.update({ state: "done", durationMs: elapsedMs() });
            observer.complete();
          },
        }),
      )(() => activity.update({ state: "stopped" }));
    }

    const abort = new AbortController();
    return observable((observer) => {
      post(url, request, { ...extraHeaders(), ...headers }, abort.signal)
        .then(({ body, httpStatus, bytes }) => {
          const state = body?.errors || httpStatus >= 400 ? "failed" : "done";
          activity.update({ state, httpStatus, bytes, durationMs: elapsedMs(), result: body });
          observer.next(present(body));
        })
        .catch((error) => {
          if (abort.signal.aborted) return;
          activity.update({ state: "failed", durationMs: elapsedMs() });
          observer.next({ errors: [{ message: error.message }] });
        })
        .finally(() => observer.complete());
      return () => abort.abort();
    })(() => activity.update({ state: "stopped" }));
  };
}

/** A minimal observable; `onStop` runs when it is unsubscribed before its end. */
const observable = (start) => (onStop) => ({
  subscribe(observer) {
    let open = true;
    const stop = start({
      next: (value) => open && observer.next(value),
      complete: () => {
        if (open) observer.complete();
        open = false;
      },
    });
    return {
      unsubscribe() {
        if (!open) return;
        open = false;
        stop();
        onStop();
      },
    };
  },
});

/** The operation a request means. GraphiQL's idea of the selected name may be that of the text before the last edit. */
function chooseOperation(text, wantedName) {
  let operations;
  try {
    operations = parse(text).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  } catch {
    return undefined; // The server says what is wrong with it, in its own words.
  }
  const chosen = operations.find(({ name }) => name?.value === wantedName) ?? operations[0];
  return chosen && { kind: chosen.operation, name: chosen.name?.value };
}

async function post(url, request, headers, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...headers,
    },
    body: JSON.stringify(request),
    signal,
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error(`The server could not be reached: ${error.message}`);
  });
  const text = await response.text();
  try {
    return { body: JSON.parse(text), httpStatus: response.status, bytes: new Blob([text]).size };
  } catch {
    const said = `${response.status} ${response.statusText}`.trim();
    throw new Error(`The server answered ${said}, and not with JSON: ${text.slice(0, 300) || "(empty)"}`);
  }
}
