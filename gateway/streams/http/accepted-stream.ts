/** The two ways a subscription comes over HTTP: `text/event-stream`, and `multipart/mixed` as Apollo's clients read it. */
export type DeliveryKind = "events" | "parts";

/** What an `Accept` header that names a stream asks for. */
export interface AcceptedStream {
  /** How a subscription is delivered; undefined when every stream is named with `q=0`. */
  readonly delivery: DeliveryKind | undefined;
  /** The one answer of a query or a mutation comes as events too: the client likes them better than every kind of JSON. */
  readonly prefersEvents: boolean;
  /** The kind of JSON that the client takes besides; undefined when it takes none. */
  readonly json: "application/json" | "application/graphql-response+json" | undefined;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1. */
  readonly quality: number;
}

/** Nobody's client sends more; what is longer names no stream. */
const MAX_LENGTH = 1_000;
const NAMES_STREAM = /text\/event-stream|subscriptionspec/i;
const JSON_KINDS = ["application/graphql-response+json", "application/json"] as const;

/** A quick look at an `Accept` header: most name no stream. */
export const namesStream = (accept: string | undefined): accept is string =>
  accept !== undefined && accept.length <= MAX_LENGTH && NAMES_STREAM.test(accept);

/**
 * Streams count only by name: a client that says that it takes everything seldom expects an answer without an end.
 * https://www.rfc-editor.org/rfc/rfc9110#name-accept
 *
 * @returns undefined when no stream is named
 */
export function readAcceptedStream(accept: string | undefined): AcceptedStream | undefined {
  if (!namesStream(accept)) return undefined;
  const ranges = splitOutsideQuotes(accept, ",").map(readRange);
  const events = qualityOf(ranges, ({ type }) => type === "text/event-stream");
  const parts = qualityOf(ranges, isParts);
  if (events === undefined && parts === undefined) return undefined;
  const [json, jsonQuality] = preferredJson(ranges);
  return {
    delivery: choose(ranges, events ?? 0, parts ?? 0),
    prefersEvents: (events ?? 0) > jsonQuality,
    json,
  };
}

/** Of two that are liked equally, the one that is named first. */
function choose(ranges: readonly MediaRange[], events: number, parts: number): DeliveryKind | undefined {
  if (events === 0 && parts === 0) return undefined;
  if (events !== parts) return events > parts ? "events" : "parts";
  return ranges.find((range) => range.type === "text/event-stream" || isParts(range))?.type === "text/event-stream"
    ? "events"
    : "parts";
}

/** https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol */
const isParts = ({ type, parameters }: MediaRange) =>
  type === "multipart/mixed" && parameters.get("subscriptionspec") === "1.0";

function preferredJson(ranges: readonly MediaRange[]): [AcceptedStream["json"], number] {
  let preferred: AcceptedStream["json"];
  let highest = 0;
  // The later kind wins a tie: it is what a client gets that names neither.
  for (const kind of JSON_KINDS) {
    const quality =
      qualityOf(ranges, ({ type }) => type === kind) ??
      qualityOf(ranges, ({ type }) => type === "application/*") ??
      qualityOf(ranges, ({ type }) => type === "*/*") ??
      0;
    if (quality === 0 || quality < highest) continue;
    preferred = kind;
    highest = quality;
  }
  return [preferred, highest];
}

const qualityOf = (ranges: readonly MediaRange[], isMeant: (range: MediaRange) => boolean): number | undefined =>
  ranges.find(isMeant)?.quality;

function readRange(text: string): MediaRange {
  const [type = "", ...rest] = splitOutsideQuotes(text, ";").map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const mark = parameter.indexOf("=");
    if (mark < 0) continue;
    const value = parameter.slice(mark + 1).trim();
    parameters.set(parameter.slice(0, mark).trim().toLowerCase(), value.replace(/^"(.*)"$/, "$1"));
  }
  const quality = Number(parameters.get("q") ?? 1);
  return { type: type.toLowerCase(), parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isQuoted && character === "\\") i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
