import { brotliDecompress, gunzip, inflate } from "node:zlib";
import type { HttpAnswer } from "./read-answer";
import { UpstreamFault } from "./upstream-fault";

/** The codings of RFC 9110, section 8.4.1, and Brotli (RFC 7932), as `accept-encoding` names them. */
export const ACCEPTED_ENCODINGS = "br, gzip, deflate";

const DECODERS: Readonly<Record<string, typeof gunzip>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: inflate,
  br: brotliDecompress,
};

export const isEncoded = ({ contentEncoding }: HttpAnswer): boolean =>
  contentEncoding !== "" && contentEncoding !== "identity";

/**
 * @param maxBytes of the decoded body; decoding stops there, so that a small body cannot become a large one
 * @returns the same answer with its body decoded, off the event loop's thread
 * @throws UpstreamFault
 */
export async function decodeBody(answer: HttpAnswer, maxBytes: number): Promise<HttpAnswer> {
  const { contentEncoding, chunks, size } = answer;
  const decode = Object.hasOwn(DECODERS, contentEncoding) ? DECODERS[contentEncoding] : undefined;
  if (!decode) throw new UpstreamFault("malformed", `the answer is encoded as "${contentEncoding}"`);
  const body = await new Promise<Buffer>((resolve, reject) => {
    decode(Buffer.concat(chunks, size), { maxOutputLength: maxBytes }, (cause, decoded) => {
      if (!cause) resolve(decoded);
      else if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") reject(tooLarge(maxBytes));
      else reject(new UpstreamFault("malformed", `the answer is not valid ${contentEncoding}`, { cause }));
    });
  });
  return { ...answer, contentEncoding: "", chunks: [body], size: body.length };
}

export const tooLarge = (maxBytes: number): UpstreamFault =>
  new UpstreamFault("too-large", `the answer is larger than ${maxBytes} bytes`);
