import type { IncomingMessage } from "node:http";
import { type HTTPGraphQLRequest, HeaderMap } from "@apollo/server";
import { BodyTooLargeError, readBody } from "../../kit/http/read-body";
import { INTERNAL_HEADER_PREFIX } from "../../kit/identity";
import { HttpRefusal } from "./http-refusal";

/**
 * Reads the body of a GraphQL request off the wire, so far as HTTP goes: content type, size, JSON. What is in it is for others to judge.
 * https://graphql.github.io/graphql-over-http/draft/#sec-Request
 *
 * @returns undefined when the method has none, or when it is of a type that a form can send
 * @throws HttpRefusal
 */
export async function readGraphqlBody(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  if (req.method !== "POST") return undefined;
  if (!isJson(req.headers["content-type"])) {
    // For the CSRF check to name; Apollo Server does that for a request without a body.
    if (isFormType(req.headers["content-type"])) return undefined;
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8.");
  }
  if (req.headers["content-encoding"] !== undefined && req.headers["content-encoding"] !== "identity") {
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed.");
  }
  return parseJson(await readLimited(req, maxBytes));
}

/** The request in the form that Apollo Server takes. */
export const asHttpGraphqlRequest = (req: IncomingMessage, body: unknown): HTTPGraphQLRequest => ({
  method: req.method ?? "GET",
  headers: publicHeaders(req),
  search: searchOf(req),
  body,
});

/** What follows the question mark. */
export function searchOf({ url = "" }: IncomingMessage): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

/** @throws HttpRefusal 413 */
export async function readLimited(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  try {
    return await readBody(req, maxBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    const message = `The body of a request may have ${maxBytes} bytes at most.`;
    throw new HttpRefusal(413, "PAYLOAD_TOO_LARGE", message, { connection: "close" });
  }
}

/** @throws HttpRefusal 400 */
export function parseJson(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    // The parser's own words would quote the body.
    throw new HttpRefusal(400, "BAD_REQUEST", "The body is not valid JSON.");
  }
}

/**
 * `application/json`, said once and in UTF-8. Other charsets are refused rather than decoded (CVE-2026-23897).
 */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === "application/json") return true;
  const [essence = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  if (essence.trim() !== "application/json") return false;
  return parameters.every((parameter) => {
    const [name = "", value = ""] = parameter.split("=", 2).map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
    return name !== "charset" || value === "utf-8" || value === "utf8";
  });
}

/** What browsers send across origins without asking first. https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const FORM_TYPES = ["", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

const isFormType = (contentType: string | undefined) =>
  FORM_TYPES.includes((contentType ?? "").toLowerCase().split(";", 1)[0]?.trim() ?? "");

/** A client's copies of internal headers end here. */
function publicHeaders(req: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value === undefined || name.startsWith(INTERNAL_HEADER_PREFIX)) continue;
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}
