/** A routing key or pattern as words. The empty key has no words at all; an empty word between two dots is a word. */
export function topicWords(key: string): string[] {
  return key === "" ? [] : key.split(".");
}

/** AMQP 0-9-1, 3.1.3.3: `*` is exactly one word, `#` is any number of words, none included. */
export function topicMatches(pattern: readonly string[], key: readonly string[]): boolean {
  // reached[k]: the pattern's words so far can stand for the key's first k words. Linear in both, also with many `#`.
  let reached = new Array<boolean>(key.length + 1).fill(false);
  reached[0] = true;
  for (const word of pattern) {
    const next = new Array<boolean>(key.length + 1).fill(false);
    for (let k = 0; k <= key.length; k++) {
      if (word === "#") next[k] = reached[k]! || (k > 0 && next[k - 1]!);
      else next[k] = k > 0 && reached[k - 1]! && (word === "*" || word === key[k - 1]);
    }
    reached = next;
  }
  return reached[key.length]!;
}
