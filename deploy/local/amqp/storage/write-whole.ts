import fs from "node:fs";

/** write(2) may take only a part of the bytes; this goes on until all are taken or the system refuses. Returns the count. */
export function writeWhole(fd: number, bytes: Buffer): number {
  let written = 0;
  while (written < bytes.length) written += fs.writeSync(fd, bytes, written);
  return written;
}
