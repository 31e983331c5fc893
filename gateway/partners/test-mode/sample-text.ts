import { between, hexOf, oneOf } from "./seed";

const FIRST_NAMES = [
  "Ada",
  "Bruno",
  "Chiara",
  "Daniel",
  "Elif",
  "Farid",
  "Greta",
  "Hugo",
  "Ines",
  "Jonas",
  "Kira",
  "Luis",
  "Mina",
  "Noor",
];
const LAST_NAMES = [
  "Albers",
  "Berger",
  "Costa",
  "Dubois",
  "Eriksen",
  "Fischer",
  "Garcia",
  "Haddad",
  "Ivanova",
  "Jansen",
  "Kowalski",
  "Lindt",
];
const QUALITIES = [
  "Amber",
  "Brisk",
  "Calm",
  "Deep",
  "Early",
  "Fine",
  "Gentle",
  "High",
  "Indigo",
  "Little",
  "Northern",
  "Plain",
  "Quiet",
  "Round",
];
const THINGS = [
  "Bay",
  "Brook",
  "Canal",
  "Cove",
  "Delta",
  "Falls",
  "Ford",
  "Harbour",
  "Lagoon",
  "Pond",
  "River",
  "Spring",
  "Tide",
  "Well",
];
const CITIES = ["Bergen", "Bilbao", "Gdansk", "Ghent", "Graz", "Leipzig", "Lyon", "Porto", "Turin", "Utrecht"];
const STREETS = [
  "Bridge Street",
  "Canal Road",
  "Ferry Lane",
  "Harbour Square",
  "Mill Lane",
  "River Walk",
  "Station Road",
];
const COLOURS = ["blue", "green", "grey", "red", "sand", "white"];
const SIZES = ["S", "M", "L", "XL"];
const PEOPLE = /user|customer|person|people|author|member|contact|employee|owner|account|profile/i;

/** @param seed of the field @param object seed of the object: names and what is made of them agree with each other */
type Write = (seed: string, typeName: string, object: string) => string;

const thing = (seed: string) => `${oneOf(QUALITIES, seed, "quality")} ${oneOf(THINGS, seed, "thing")}`;
const person = (seed: string) => `${oneOf(FIRST_NAMES, seed, "first")} ${oneOf(LAST_NAMES, seed, "last")}`;
const named = (text: string, separator: string) => text.toLowerCase().replaceAll(" ", separator);
const slug: Write = (seed, typeName, object) => `${named(nameOf(seed, typeName, object), "-")}-${hexOf(4, seed)}`;
const nameOf: Write = (_, typeName, object) => (PEOPLE.test(typeName) ? person(object) : thing(object));
const email: Write = (seed, _, object) => `${named(person(object), ".")}.${hexOf(3, seed)}@example.com`;

/** By the name of the field, the most particular first. */
const BY_NAME: readonly (readonly [RegExp, Write])[] = [
  [/e-?mail/i, email],
  [/^(first|given|fore)_?name$/i, (_seed, _typeName, object) => oneOf(FIRST_NAMES, object, "first")],
  [/^(last|family|sur)_?name$/i, (_seed, _typeName, object) => oneOf(LAST_NAMES, object, "last")],
  [/^(user_?name|login|handle)$/i, slug],
  [/slug/i, slug],
  [/sku$/i, (seed) => `SKU-${hexOf(8, seed).toUpperCase()}`],
  [/^(ean|gtin|isbn|barcode)/i, (seed) => `978${String(between(0, 999_999_999, seed)).padStart(9, "0")}0`],
  [/(url|uri|href|link|website|homepage)$/i, (...seeds) => `https://example.com/${slug(...seeds)}`],
  [/(image|picture|photo|avatar|icon)/i, (seed) => `https://example.com/images/${hexOf(8, seed)}.png`],
  [/(phone|mobile|fax$|^tel)/i, (seed) => `+49301${String(between(0, 9_999_999, seed)).padStart(7, "0")}`],
  [/^(zip|zip_?code|post(al)?_?code)$/i, (seed) => String(between(10_000, 99_999, seed))],
  [/(city|town)$/i, (seed) => oneOf(CITIES, seed)],
  [/(street|address(_?line)?\d?|line1)$/i, (seed) => `${oneOf(STREETS, seed)} ${between(1, 120, seed)}`],
  [/country(_?code)?$/i, (seed) => oneOf(["AT", "DE", "ES", "FR", "IT", "NL", "PL"], seed)],
  [/currency(_?code)?$/i, () => "EUR"],
  [/(language|locale|lang)$/i, (seed) => oneOf(["de", "en", "es", "fr", "it"], seed)],
  [/colou?r$/i, (seed) => oneOf(COLOURS, seed)],
  [/size$/i, (seed) => oneOf(SIZES, seed)],
  [/(token|secret|hash|checksum|signature)$/i, (seed) => `test_${hexOf(24, seed)}`],
  [/version$/i, (seed) => `${between(1, 4, seed, "major")}.${between(0, 20, seed, "minor")}.0`],
  [
    /(number|reference|ref|code|^no)$/i,
    (seed, typeName) => `${typeName.charAt(0)}-${String(between(1, 999_999, seed)).padStart(6, "0")}`,
  ],
  [
    /(description|text|body|content|summary|comment|note|bio)/i,
    (seed) => `The ${thing(seed)} is sample text: it stands where live data has its own.`,
  ],
  [/(message|reason)$/i, () => "This is a sample message."],
  [/(name|title|label)$/i, nameOf],
];

/** A text as a field of this name might have it. Addresses lead to example.com, which is nobody's. */
export function sampleText(fieldName: string, typeName: string, seed: string, object: string): string {
  const [, write = thing] = BY_NAME.find(([name]) => name.test(fieldName)) ?? [];
  return write(seed, typeName, object);
}
