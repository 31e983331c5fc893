// Characters that JSON escapes, and halves of surrogate pairs: https://tc39.es/ecma262/#sec-quotejsonstring

const ESCAPED = /[\u0000-\u001f"\\\ud800-\udfff]/;
const SHORT = 24;

/** A string as JSON. Looking first is quicker than JSON.stringify, as hardly any string needs an escape. */
export function writeString(text: string): string {
  if (text.length >= SHORT) return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff))
      return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** For a string that came out of JSON text without a backslash: nothing in it can need an escape. */
export const writePlainString = (text: string): string => `"${text}"`;

/** A scalar of any JSON type. */
export function writeValue(value: unknown): string {
  if (typeof value === "string") return writeString(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

/** The same text, no longer as the pieces it was put together from: V8 joins them when a character is asked for, and copies the whole at once then. */
export const inOnePiece = (text: string): string => (text.charCodeAt(0) >= 0 ? text : "");
