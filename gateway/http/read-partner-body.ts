import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal";
import { isJson, parseJson, readLimited } from "./read-graphql-request";

/** The JSON body of a request over plain HTTP. @returns undefined when there is none @throws HttpRefusal */
export async function readPartnerBody(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const { "content-length": length, "transfer-encoding": coding, "content-encoding": compression } = req.headers;
  if (coding === undefined && (length === undefined || length === "0")) return undefined;
  if (!isJson(req.headers["content-type"])) {
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8.");
  }
  if (compression !== undefined && compression !== "identity") {
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed.");
  }
  return parseJson(await readLimited(req, maxBytes));
}
