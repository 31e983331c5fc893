import type { GraphQLError } from "graphql";

/** Of a line around the place of the error: lines of a text without line breaks are as long as the text. */
const MAX_LINE_CHARACTERS = 80;
/** Of what the parser says, which quotes tokens whole. */
const MAX_REASON_CHARACTERS = 120;

/**
 * One sentence for the operator: where the text stops being GraphQL, why, and the line itself.
 * @param error of graphql-js' `parse`
 */
export function describeSyntaxError({ message, source, locations }: GraphQLError): string {
  const reason = oneLine(message)
    .replace(/^Syntax Error: /, "")
    .replace(/\.$/, "");
  const said = cut(reason, 0, MAX_REASON_CHARACTERS);
  const place = locations?.[0];
  if (!source || !place) return `The supergraph is not GraphQL (${said}).`;
  // What graphql-js takes for the end of a line.
  const line = source.body.split(/\r\n|[\n\r]/, place.line)[place.line - 1] ?? "";
  const start = Math.max(0, place.column - 1 - MAX_LINE_CHARACTERS / 2);
  const shown = oneLine(cut(line, start, start + MAX_LINE_CHARACTERS));
  const where = `line ${place.line}, column ${place.column}`;
  return `The supergraph is not GraphQL at ${where} (${said})${shown === "" ? "." : `: ${shown}`}`;
}

/** The part of a text from `start` to `end`, marked where more stands around it. */
const cut = (text: string, start: number, end: number): string =>
  `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;

/** Printed in one line, whatever there is in it. */
const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").trim();
