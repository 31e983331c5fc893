import { crc32 } from "node:zlib";
import { decodeDocument, type Document, encodeDocument } from "../values/document";

const headerBytes = 8;
/** An empty BSON document. */
const smallestEntry = 5;
/** No entry is larger: a document and a few fields around it. */
const largestEntry = 17 * 1024 * 1024;

/** One entry as it lies on disk: length and CRC-32 of the BSON that follows, both little-endian. */
export function encodeFrame(entry: Document): Buffer {
  const body = encodeDocument(entry);
  const frame = Buffer.allocUnsafe(headerBytes + body.byteLength);
  frame.writeUInt32LE(body.byteLength, 0);
  frame.writeUInt32LE(crc32(body), 4);
  frame.set(body, headerBytes);
  return frame;
}

/** Reads entries until the end, or until the first one that is torn. @returns the bytes of whole entries. */
export function readFrames(bytes: Buffer, onEntry: (entry: Document) => void): number {
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const end = at + headerBytes + length;
    // A file that grew without its content being written ends in zeros, which would pass for empty entries.
    if (length < smallestEntry || length > largestEntry || end > bytes.length) break;
    const body = bytes.subarray(at + headerBytes, end);
    if (crc32(body) !== bytes.readUInt32LE(at + 4)) break;
    onEntry(decodeDocument(body));
    at = end;
  }
  return at;
}
