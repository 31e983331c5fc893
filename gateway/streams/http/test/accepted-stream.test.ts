import { namesStream, readAcceptedStream } from "../accepted-stream";

const PARTS = 'multipart/mixed;subscriptionSpec="1.0"';
const NEW_JSON = "application/graphql-response+json";
const OLD_JSON = "application/json";

test.each([
  ["of graphql-sse", "text/event-stream", "events", true, undefined],
  ["of urql, for a subscription", "text/event-stream, multipart/mixed", "events", true, undefined],
  [
    "of urql, for a query",
    `${NEW_JSON}, application/graphql+json, ${OLD_JSON}, text/event-stream, multipart/mixed`,
    "events",
    false,
    OLD_JSON,
  ],
  [
    "of Apollo Client, for a subscription",
    `multipart/mixed;boundary=graphql;subscriptionSpec=1.0,${NEW_JSON},${OLD_JSON};q=0.9`,
    "parts",
    false,
    NEW_JSON,
  ],
  ["of the protocol's page", `${PARTS}, ${OLD_JSON}`, "parts", false, OLD_JSON],
  ["in other letters, with blanks", 'Multipart/Mixed ; SubscriptionSpec = "1.0"', "parts", false, undefined],
  ["events, rather than parts", `${PARTS};q=0.5, text/event-stream`, "events", true, undefined],
  ["parts, rather than events", `text/event-stream;q=0.1, ${PARTS};q=0.2`, "parts", true, undefined],
  ["both alike, events first", `text/event-stream, ${PARTS}`, "events", true, undefined],
  ["both alike, parts first", `${PARTS}, text/event-stream`, "parts", true, undefined],
  ["events, rather than anything else", "text/event-stream, */*;q=0.1", "events", true, OLD_JSON],
  ["JSON, rather than events", `text/event-stream;q=0.5, ${NEW_JSON}`, "events", false, NEW_JSON],
  ["JSON never", `text/event-stream;q=0.1, ${OLD_JSON};q=0, application/*;q=0`, "events", true, undefined],
  ["no events, and parts", `text/event-stream;q=0, ${PARTS}`, "parts", false, undefined],
  ["neither", `text/event-stream;q=0, ${PARTS};q=0.000`, undefined, false, undefined],
  ["a quality beyond 1", "text/event-stream;q=7", undefined, false, undefined],
  ["a quality that is no number", "text/event-stream;q=high", undefined, false, undefined],
  ["a quoted comma", 'text/html;a="x, text/event-stream;q=0", text/event-stream', "events", true, undefined],
])("a client may accept %s: %s", (_what, accept, delivery, prefersEvents, json) => {
  expect(readAcceptedStream(accept)).toEqual({ delivery, prefersEvents, json });
});

test.each([
  ["nothing", undefined],
  ["everything", "*/*"],
  ["every text", "text/*"],
  ["JSON", OLD_JSON],
  ["deferred parts", "multipart/mixed;deferSpec=20220824, application/json"],
  ["another version of the protocol", 'multipart/mixed;subscriptionSpec="2.0"'],
  ["parts of no protocol", "multipart/mixed"],
  ["the name inside of a quoted text", 'text/html;a="text/event-stream"'],
  ["a header without an end", `${"text/html,".repeat(200)}text/event-stream`],
  ["a quote without an end", '"text/event-stream'],
])("no stream is named by who accepts %s", (_what, accept) => {
  expect(readAcceptedStream(accept)).toBeUndefined();
});

test.each([
  ["application/json", false],
  ["TEXT/EVENT-STREAM", true],
  ["multipart/mixed;SUBSCRIPTIONSPEC=1.0", true],
])("at a first look %s may name a stream: %s", (accept, expected) => expect(namesStream(accept)).toBe(expected));
