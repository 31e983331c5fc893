import type { IncomingMessage, ServerResponse } from "node:http";
import { endWithText } from "./end-with-text";
import type { HtmlPage } from "./pages/html-page";

/**
 * Sends a text, or its head alone when only that was asked for.
 * @param bytes of the text in UTF-8, where they are known: counting them takes a walk through it
 */
export function sendText(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
  bytes?: number,
): void {
  const length = bytes ?? Buffer.byteLength(text);
  // A copy of the headers with one more would cost more than all of them.
  res.setHeader("content-length", length);
  res.writeHead(status, headers);
  if (req.method === "HEAD") return void res.end();
  endWithText(res, text, length);
}

export const sendPage = (
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  { body, headers }: HtmlPage,
): void => sendText(req, res, status, body, { "cache-control": "no-cache", vary: "Accept, Origin", ...headers });

/** A browser asks for HTML by name; everything else that takes anything is a program. */
export const wantsHtml = (req: IncomingMessage): boolean => /\btext\/html\b/i.test(req.headers.accept ?? "");

/**
 * Where the client believes it is: scheme and host for links and examples. The Host header is the client's word, so only what is a host and
 * nothing else is repeated.
 */
export function originOf(req: IncomingMessage): string {
  const host = req.headers.host ?? "";
  const isHost = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host);
  const scheme = req.headers["x-forwarded-proto"] === "https" ? "https" : "http";
  return `${scheme}://${isHost ? host : "localhost"}`;
}
