import { type TextSource, UnreadableSourceError } from "./serve-text";

export interface UrlSourceOptions {
  readonly url: string;
  /** Names the content in errors, such as "supergraph". */
  readonly what: string;
  readonly pollMs: number;
  /** Of one request, its body included. */
  readonly timeoutMs?: number | undefined;
  /** Of the body, decompressed. */
  readonly maxBytes?: number | undefined;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1_048_576;

/**
 * A text behind an http or https URL, asked for again every `pollMs`. What was read before is named by its validators, so that a server
 * which knows them answers 304 without a body: RFC 9110, section 13.1.2 and 13.1.3.
 */
export function urlSource(options: UrlSourceOptions): TextSource {
  const { url, what, pollMs, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = options;
  const name = withoutQuery(url);
  const closed = new AbortController();
  let validators: Record<string, string> = {};

  const unreadable = (reason: string, cause?: unknown) =>
    new UnreadableSourceError(`The ${what} at ${name} cannot be read (${reason}).`, { cause });

  const fetchText = async (): Promise<string | undefined> => {
    const response = await fetch(url, {
      headers: { accept: "application/graphql, text/plain;q=0.9, */*;q=0.1", ...validators },
      redirect: "manual",
      signal: AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      if (response.status === 304 && Object.keys(validators).length > 0) return undefined;
      const isRedirect = response.headers.has("location");
      throw unreadable(`status ${response.status}${isRedirect ? "; redirects are not followed" : ""}`);
    }
    const text = await readText(response, maxBytes);
    if (text === undefined) throw unreadable(`more than ${maxBytes} bytes`);
    validators = validatorsOf(response.headers);
    return text;
  };

  return {
    kind: "url",
    name,
    read: async () => {
      try {
        return await fetchText();
      } catch (error) {
        if (error instanceof UnreadableSourceError) throw error;
        throw unreadable(reasonOf(error, timeoutMs), error);
      }
    },
    watch: (onMaybeChanged) => {
      const timer = setInterval(onMaybeChanged, pollMs).unref();
      return {
        close: () => {
          clearInterval(timer);
          closed.abort();
        },
      };
    },
  };
}

/** @returns undefined when there is more than the limit */
async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function validatorsOf(headers: Headers): Record<string, string> {
  const etag = headers.get("etag");
  const lastModified = headers.get("last-modified");
  return {
    ...(etag === null ? {} : { "if-none-match": etag }),
    ...(lastModified === null ? {} : { "if-modified-since": lastModified }),
  };
}

/** Queries of such URLs tend to hold keys. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** `ECONNREFUSED`, a timeout in words, or whatever else the error says. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if ((error as Error).name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}
