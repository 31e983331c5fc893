import type { GraphQLFormattedError } from "graphql";
import type { Span } from "../../../kit/tracing/tracer";
import type { GoneSignal } from "../../upstream/upstream-context";
import type { Partner } from "../keys/partner";
import type { RegisteredOperation } from "../registry/operation-registry";

/** A registered operation that a partner wants to run, whichever door it came through. */
export interface Call {
  readonly partner: Partner;
  readonly operation: RegisteredOperation;
  /** As the caller gave them; they are coerced when the operation runs. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly door: "graphql" | "rest" | "mcp";
  readonly requestId: string;
  readonly traceparent: string;
  readonly span: Span | undefined;
  /** Tells when the caller went away. */
  readonly signal?: GoneSignal;
  /** Which media types the caller takes: decides the content type of a GraphQL answer. */
  readonly accept: string | undefined;
  /** A header of the request by its name in small letters; several of one name are joined by commas. */
  header(name: string): string | undefined;
  /** Subgraphs are told this with the call's mutations: the same for every try, so that they can have their effects once. The answer is kept, and comes as a whole. */
  readonly idempotencyKey?: string;
  /** Headers for whatever this call is answered with, refusals included; names in small letters. */
  readonly answerHeaders: AnswerHeaders;
  /** Of a request that came before: what was found out for it then. */
  readonly kept?: Kept | undefined;
}

/**
 * What has been found out for calls that are alike: the same operation with the same variables through the same door, of one key, on one registry and one
 * graph. It goes with any of these.
 */
export type Kept = unknown[];

let kinds = 0;

/**
 * Finds something out of a call, once for all that are alike: looking it up by operation, key and graph would take longer than most of what it is for.
 * @param find is told nothing but by what calls are alike in
 */
export function keeping<Found extends object>(find: (call: Call) => Found): (call: Call) => Found {
  const kind = kinds++;
  return (call) => {
    const { kept } = call;
    if (!kept) return find(call);
    return (kept[kind] ??= find(call)) as Found;
  };
}

export interface AnswerHeaders {
  get(name: string): string | undefined;
  set(name: string, value: string): unknown;
}

/** Several links stand in one field: https://www.rfc-editor.org/rfc/rfc8288#section-3 */
export function addLink(headers: AnswerHeaders, link: string): void {
  const before = headers.get("link");
  headers.set("link", before === undefined ? link : `${before}, ${link}`);
}

/** A GraphQL response with the status and the headers that GraphQL over HTTP gives it. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AnswerBody;
  /** What running it took, in the units of the operation's estimated cost; undefined when nothing ran. */
  readonly cost?: number | undefined;
}

export type AnswerBody =
  | {
      readonly kind: "complete";
      readonly string: string;
      /** Length in UTF-8, where whoever made the string knew it. */
      readonly bytes?: number;
      /** What the string holds, where whoever made it had that apart: it spares reading the string. */
      readonly result?: CompleteResult;
    }
  /** Parts of a deferred answer, framed already. */
  | { readonly kind: "chunked"; readonly asyncIterator: AsyncIterableIterator<string> };

export interface CompleteResult {
  /** JSON text; undefined when nothing ran. */
  readonly data: string | undefined;
  /** As the caller may see them. */
  readonly errors: readonly GraphQLFormattedError[];
}

/** Runs a call; what needs nobody else is answered at once. @throws CallRefused for what is refused, at once or later */
export type RunCall = (call: Call) => Answer | Promise<Answer>;

/** Looks at a call before it runs, and may tell the caller something by headers. @throws CallRefused */
export type CheckCall = (call: Call) => void;

/** What some calls meet on their way to the executor and back: it may refuse, answer itself, or go on and look at the answer. */
export type CallStage = (call: Call, next: RunCall) => Answer | Promise<Answer>;
