/** RFC 6455, section 5.5: 125 bytes less the two of the code. */
const MAX_REASON_BYTES = 123;

/** The reason of a close frame: the text, cut between two characters where it is too long. */
export function closeReason(text: string): string {
  if (Buffer.byteLength(text) <= MAX_REASON_BYTES) return text;
  const bytes = Buffer.from(text);
  let end = MAX_REASON_BYTES;
  // Bytes 10xxxxxx go on with the character before them.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
