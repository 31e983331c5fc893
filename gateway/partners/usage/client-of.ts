import type { Call } from "../calls/call";
import type { Client } from "./usage-entry";

const MAX_LENGTH = 120;

/** Who called, in the spelling of Apollo or of GraphQL's other gateways. */
export function clientOf({ header }: Pick<Call, "header">): Client {
  const name = textOf(header("apollographql-client-name") ?? header("graphql-client-name"));
  const version = textOf(header("apollographql-client-version") ?? header("graphql-client-version"));
  const userAgent = textOf(header("user-agent"));
  if (name === undefined && version === undefined && userAgent === undefined) return UNNAMED;
  return {
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

const UNNAMED: Client = Object.freeze({});

/** A client may send anything: without control characters, and no longer than a name is. */
function textOf(value: string | undefined): string | undefined {
  const text = value?.replace(/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/g, "").trim();
  return text ? text.slice(0, MAX_LENGTH) : undefined;
}
