import fs from "node:fs";
import { crc32 } from "node:zlib";

/** Length and checksum in front of each record. */
export const recordHeaderBytes = 8;
/** Larger than any message the broker accepts: a longer "length" is not one of our records. */
const maxRecordBytes = 256 * 1024 * 1024;

export function frameRecord(payload: Buffer): Buffer {
  const record = Buffer.allocUnsafe(recordHeaderBytes + payload.length);
  record.writeUInt32BE(payload.length, 0);
  record.writeUInt32BE(crc32(payload), 4);
  payload.copy(record, recordHeaderBytes);
  return record;
}

/**
 * Reads a file of records from `startBytes` on and calls `visit` for each whole one, in order. The process may have been
 * killed in the middle of a write, so the first record that is short or fails its checksum ends the file: returns where.
 */
export function readRecords(
  file: string,
  visit: (payload: Buffer, position: number) => boolean | void,
  startBytes = 0,
): number {
  const fd = fs.openSync(file, "r");
  try {
    let position = startBytes;
    let window: Buffer = Buffer.alloc(0);
    const need = (bytes: number): boolean => {
      if (window.length >= bytes) return true;
      const chunk = Buffer.allocUnsafe(Math.max(bytes - window.length, 256 * 1024));
      const read = fs.readSync(fd, chunk, 0, chunk.length, position + window.length);
      window = Buffer.concat([window, chunk.subarray(0, read)]);
      return window.length >= bytes;
    };
    for (;;) {
      if (!need(recordHeaderBytes)) return position;
      const lengthBytes = window.readUInt32BE(0);
      const checksum = window.readUInt32BE(4);
      if (lengthBytes > maxRecordBytes || !need(recordHeaderBytes + lengthBytes)) return position;
      const payload = window.subarray(recordHeaderBytes, recordHeaderBytes + lengthBytes);
      if (crc32(payload) !== checksum) return position;
      if (visit(payload, position) === false) return position;
      position += recordHeaderBytes + lengthBytes;
      window = window.subarray(recordHeaderBytes + lengthBytes);
    }
  } finally {
    fs.closeSync(fd);
  }
}
