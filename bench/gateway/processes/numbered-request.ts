/** A run of these in a request is counted up, so that no two requests are alike. */
export const DIGITS = "00000000";

/** @param text of a whole request, head and body @returns its bytes, with the next number where it has one; the same memory each time */
export function numberedRequest(text: string): () => Buffer {
  const request = Buffer.from(text, "latin1");
  const digitsAt = request.indexOf(DIGITS);
  return () => {
    if (digitsAt >= 0) request.write(String(++serial).padStart(DIGITS.length, "0"), digitsAt, "latin1");
    return request;
  };
}

let serial = 0;
