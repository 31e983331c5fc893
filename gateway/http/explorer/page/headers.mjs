import { tryParseJSONC } from "@graphiql/react";

/** The headers tab's text as an object; `undefined` while it is not valid. Empty text means no headers. */
export function parseHeaders(text) {
  try {
    return tryParseJSONC(text) ?? {};
  } catch {
    return undefined;
  }
}

/** `headers` with `name` set to `value`, in place of any spelling of it. */
export function withHeader(headers, name, value) {
  const others = Object.entries(headers).filter(([key]) => key.toLowerCase() !== name.toLowerCase());
  return { ...Object.fromEntries(others), [name]: value };
}
