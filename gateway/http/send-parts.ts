import type { ServerResponse } from "node:http";
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import type { DeferredAnswer, Execution } from "../execution/executor";

export const PARTS_TYPE = 'multipart/mixed; boundary="-"; deferSpec=20220824';
const PART_HEAD = "content-type: application/json; charset=utf-8\r\n\r\n";

/**
 * True for clients that take deferred answers in the form that Apollo Client speaks:
 * `multipart/mixed` with the parameter `deferSpec=20220824`.
 */
export function acceptsParts(accept: string | undefined): boolean {
  if (accept === undefined || !/multipart\/mixed/i.test(accept)) return false;
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase().replaceAll('"', ""));
    return (
      type === "multipart/mixed" &&
      parameters.includes("deferspec=20220824") &&
      !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    );
  });
}

/**
 * Sends an answer in parts, each when it is ready and no faster than the client reads. A client that leaves ends it; the calls that are
 * still made for it are the signal's to end.
 *
 * @param format the errors as a client may see them
 */
export async function sendParts(res: ServerResponse, answer: AnswerInParts, format: FormatErrors): Promise<void> {
  res.writeHead(200, { "content-type": PARTS_TYPE, "cache-control": "no-store" });
  await sendTexts(res, partsOf(answer, format));
}

/** Sends texts as they come, and ends the answer. */
export async function sendTexts(res: ServerResponse, texts: AsyncIterable<string>): Promise<void> {
  for await (const text of texts) {
    if (res.destroyed) return;
    await write(res, text);
  }
  res.end();
}

export type AnswerInParts = Execution & Required<Pick<Execution, "parts">>;
type FormatErrors = (errors: readonly GraphQLError[]) => readonly GraphQLFormattedError[];

/** The body of an answer in parts. https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md */
export async function* partsOf(
  { data, errors, extensions, parts }: AnswerInParts,
  format: FormatErrors,
): AsyncGenerator<string> {
  const errorsOf = (some: readonly GraphQLError[]) =>
    some.length > 0 ? `,"errors":${JSON.stringify(format(some))}` : "";
  const explained = extensions ? `,"extensions":${JSON.stringify(extensions)}` : "";
  yield `\r\n---\r\n${PART_HEAD}{"data":${data}${errorsOf(errors)}${explained},"hasNext":true}\r\n---\r\n`;
  const partOf = (part: DeferredAnswer) => {
    const label = part.label === undefined ? "" : `,"label":${JSON.stringify(part.label)}`;
    return `{"data":${part.data},"path":${JSON.stringify(part.path)}${label}${errorsOf(part.errors)}}`;
  };
  for await (const answers of parts) {
    if (answers.length === 0) continue;
    yield `${PART_HEAD}{"incremental":[${answers.map(partOf).join(",")}],"hasNext":true}\r\n---\r\n`;
  }
  yield `${PART_HEAD}{"hasNext":false}\r\n-----\r\n`;
}

/** Settles when more may be written, or nothing more can be. */
function write(res: ServerResponse, text: string): Promise<void> {
  if (res.write(text) || res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      res.off("drain", end);
      res.off("close", end);
      resolve();
    };
    res.on("drain", end);
    res.on("close", end);
  });
}
