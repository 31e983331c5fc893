import type { GraphQLFormattedError } from "graphql";
import type { Answer } from "../calls/call";
import type { KeptAnswer } from "./idempotency-store";

/**
 * What an answer says about its mutation:
 * - `refused`: nothing has run;
 * - `uncertain`: a service did not answer, and whether its mutation took effect is not known;
 * - `ran`: everything else, errors included. A fault of the gateway counts as well: it may have come after the effect.
 */
export type Outcome = "refused" | "uncertain" | "ran";

export function outcomeOf({ status, body }: Answer): Outcome {
  if (body.kind !== "complete") return "uncertain";
  const { data, errors } = body.result ?? read(body.string);
  if (data === undefined) return status === 500 ? "ran" : "refused";
  return errors.some(isOfUnansweredMutation) ? "uncertain" : "ran";
}

/** Mutations are root fields; what is missing further down was only to be read. */
const isOfUnansweredMutation = ({ path, extensions }: GraphQLFormattedError): boolean =>
  (path?.length ?? 0) <= 1 && extensions?.["code"] === "SUBGRAPH_UNAVAILABLE";

function read(text: string): { data: unknown; errors: readonly GraphQLFormattedError[] } {
  const { data, errors = [] } = JSON.parse(text) as { data?: unknown; errors?: readonly GraphQLFormattedError[] };
  return { data, errors };
}

/** @returns undefined when it has more bytes than may be kept @throws when it has no end yet */
export function toKeep({ status, headers, body }: Answer, maxBytes: number): KeptAnswer | undefined {
  if (body.kind !== "complete") throw new Error("an answer in parts cannot be kept");
  if (Buffer.byteLength(body.string) > maxBytes) return undefined;
  return { status, contentType: headers.get("content-type") ?? "application/json; charset=utf-8", body: body.string };
}

export const asAnswer = ({ status, contentType, body }: KeptAnswer): Answer => ({
  status,
  headers: new Map(Object.entries({ "content-type": contentType, "cache-control": "no-store" })),
  body: { kind: "complete", string: body },
});
