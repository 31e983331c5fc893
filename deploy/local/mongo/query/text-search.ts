import { CommandError, notImplemented } from "../errors";
import { type Document, isDocument } from "../values/document";
import { valuesAt } from "./walk-path";

type TextFields = ReadonlyMap<string, number>;

interface Search {
  words: string[];
  phrases: string[];
  excluded: string[];
  fold: (text: string) => string;
}

/** English words that the server's text index leaves out; the common part of its list. */
const stopWords = new Set(
  "a an and are as at be but by for from has have he her his i if in into is it its my no not of on or our she so such that the their them then there these they this to was we were what when which who will with you your".split(
    " ",
  ),
);

/**
 * `$text`: any word, every "quoted phrase", no -excluded word. English stop words and plural endings are dropped, a thin
 * part of the server's stemming. https://www.mongodb.com/docs/manual/reference/operator/query/text/
 */
export function compileTextSearch(value: unknown, fields: TextFields | undefined): (document: Document) => boolean {
  const search = parseSearch(value);
  if (!fields) throw new CommandError(27, "text index required for $text query");
  return (document) => {
    const texts = textsOf(document, fields).map(({ text }) => search.fold(text));
    const words = new Set(texts.flatMap(wordsOf));
    if (search.excluded.some((word) => words.has(word))) return false;
    if (!search.phrases.every((phrase) => texts.some((text) => text.includes(phrase)))) return false;
    return search.words.some((word) => words.has(word));
  };
}

/** A relevance that grows with how often and in how heavy a field the words occur; 0 when none does. */
export function textScore(document: Document, value: unknown, fields: TextFields): number {
  const search = parseSearch(value);
  let score = 0;
  for (const { text, weight } of textsOf(document, fields)) {
    const words = wordsOf(search.fold(text));
    for (const wanted of search.words) {
      const count = words.filter((word) => word === wanted).length;
      if (count > 0) score += weight * (0.5 + (0.5 * count) / words.length) * (2 - 2 ** (1 - count));
    }
  }
  return score;
}

/** The words a text index keeps of a document. */
export function indexedWords(document: Document, fields: TextFields): string[] {
  return [...new Set(textsOf(document, fields).flatMap(({ text }) => wordsOf(fold(text))))];
}

/** The words of a search of which a document must have at least one. */
export function searchedWords(value: unknown): string[] {
  return parseSearch(value).words.map((word) => fold(word));
}

function parseSearch(value: unknown): Search {
  if (!isDocument(value)) throw new CommandError(14, "$text expects an object");
  for (const name of Object.keys(value)) {
    if (!["$search", "$language", "$caseSensitive", "$diacriticSensitive"].includes(name)) {
      throw new CommandError(2, `BSON field '$text.${name}' is an unknown field.`);
    }
  }
  if (typeof value.$search !== "string") throw new CommandError(14, "$search requires a string value");
  if (value.$language !== undefined && !["english", "en", "none"].includes(String(value.$language))) {
    throw notImplemented(`$text in the language '${String(value.$language)}'`);
  }
  const keepCase = value.$caseSensitive === true;
  const keepAccents = value.$diacriticSensitive === true;
  const foldText = (text: string) => fold(text, keepCase, keepAccents);
  const phrases: string[] = [];
  const rest = foldText(value.$search).replace(/"([^"]*)"/g, (_, phrase: string) => {
    phrases.push(phrase);
    return ` ${phrase} `;
  });
  const excluded: string[] = [];
  const wanted = rest.replace(/(^|\s)-(\S+)/g, (_, __, word: string) => {
    excluded.push(...wordsOf(word));
    return " ";
  });
  return { words: [...new Set(wordsOf(wanted))], phrases, excluded, fold: foldText };
}

function textsOf(document: Document, fields: TextFields): { text: string; weight: number }[] {
  return [...fields].flatMap(([path, weight]) => {
    const values = path === "$**" ? everyString(document) : valuesAt(document, path.split("."));
    return values.filter((value) => typeof value === "string").map((text) => ({ text, weight }));
  });
}

function everyString(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(everyString);
  if (isDocument(value)) return Object.values(value).flatMap(everyString);
  return [value];
}

function fold(text: string, keepCase = false, keepAccents = false): string {
  const plain = keepAccents ? text : text.normalize("NFKD").replace(/\p{M}/gu, "");
  return keepCase ? plain : plain.toLowerCase();
}

function wordsOf(text: string): string[] {
  const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words.filter((word) => !stopWords.has(word.toLowerCase())).map(stem);
}

function stem(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}
