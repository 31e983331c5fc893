import { createHash } from "node:crypto";

/** 16 hex digits of the text's SHA-256. */
export const versionOf = (sdl: string): string => createHash("sha256").update(sdl).digest("hex").slice(0, 16);
