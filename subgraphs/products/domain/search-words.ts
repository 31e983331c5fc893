const MAX_WORDS = 300;
const MAX_WORD_LENGTH = 40;

/** The words of a text for searching: small letters without accents, digits; each once. */
export function wordsOf(...texts: readonly string[]): string[] {
  const words = texts
    .join(" ")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map((word) => word.slice(0, MAX_WORD_LENGTH));
  return [...new Set(words)].slice(0, MAX_WORDS);
}
