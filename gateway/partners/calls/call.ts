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
  readonly answerHeaders: Map<string, string>;
}

/** A GraphQL response with the status and the headers that GraphQL over HTTP gives it. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AnswerBody;
  /** What running it took, in the units of the operation's estimated cost; undefined when nothing ran. */
  readonly cost?: number;
}

export type AnswerBody =
  | {
      readonly kind: "complete";
      readonly string: string;
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

/** Runs a call. @throws CallRefused for what is refused */
export type RunCall = (call: Call) => Promise<Answer>;

/** One thing that happens to every call on its way to the executor and back: it may refuse, answer itself, or go on and look at the answer. */
export type CallStage = (call: Call, next: RunCall) => Promise<Answer>;

/** @param stages the outermost first */
export const throughStages = (stages: readonly CallStage[], run: RunCall): RunCall =>
  stages.reduceRight<RunCall>((next, stage) => (call) => stage(call, next), run);
