import { type GraphQLEnumType, type GraphQLScalarType, isEnumType } from "graphql";
import { sampleText } from "./sample-text";
import { between, hashOf, hexOf, momentOf, oneOf, uuidOf } from "./seed";

/** Where a leaf stands: its field, the type that has the field, and the name under which the object itself stands. */
export interface LeafPlace {
  readonly fieldName: string;
  readonly typeName: string;
  /** Such as `min` of a price range. */
  readonly objectName: string;
  readonly seed: string;
  /** Of the object that has the field. */
  readonly objectSeed: string;
}

type Write = (place: LeafPlace) => unknown;

/** What begins something lies in the first part of the year, what ends it in the last. */
const EARLY = /^(created|placed|ordered|opened|registered|born|start|begin|from|since|valid_?from|published)/i;
const LATE = /^(expires?|end|until|to|due|delivered|closed|valid_?(to|until)|deleted)/i;

const moment = ({ fieldName, seed }: LeafPlace): Date => {
  const [first, last] = EARLY.test(fieldName) ? [0, 89] : LATE.test(fieldName) ? [270, 364] : [90, 269];
  return momentOf(first, last, seed);
};
const date: Write = (place) => moment(place).toISOString().slice(0, 10);
const time: Write = (place) => moment(place).toISOString().slice(11);
const text =
  (name: string): Write =>
  ({ typeName, seed, objectSeed }) =>
    sampleText(name, typeName, seed, objectSeed);

/** From the least to the most; what is named after an end of a range lies there. */
const RANGES: readonly (readonly [RegExp, number, number])[] = [
  [/minor$|cents$/i, 500, 20_000],
  [/(quantity|qty)$/i, 1, 5],
  [/version|revision$/i, 1, 9],
  [/year$/i, 1990, 2025],
  [/(percent|percentage|discount)$/i, 0, 100],
  [/^(rating|stars|score)$/i, 1, 5],
  [/age$/i, 18, 80],
  [/grams$/i, 50, 5_000],
  [/(price|amount|total|cost|sum)$/i, 5, 500],
  [/seconds$/i, 1, 600],
];

function int({ fieldName, objectName, seed }: LeafPlace): number {
  const [, min, max] = RANGES.find(([name]) => name.test(fieldName)) ?? [undefined, 0, 100];
  const middle = Math.floor((min + max) / 2);
  const isLeast = /^(min|from|low)/i;
  const isMost = /^(max|to$|high)/i;
  if (isLeast.test(objectName) || isLeast.test(fieldName)) return between(min, middle, seed);
  if (isMost.test(objectName) || isMost.test(fieldName)) return between(middle, max, seed);
  return between(min, max, seed);
}

const float: Write = (place) => {
  if (/^lat/i.test(place.fieldName)) return between(-900_000, 900_000, place.seed) / 10_000;
  if (/^(lng|lon)/i.test(place.fieldName)) return between(-1_800_000, 1_800_000, place.seed) / 10_000;
  return int(place) + between(0, 99, place.seed, "fraction") / 100;
};

/** Scalars of the specification and of graphql-scalars, by their names in small letters. */
const BY_TYPE: Readonly<Record<string, Write>> = {
  int,
  float,
  string: ({ fieldName, typeName, seed, objectSeed }) => sampleText(fieldName, typeName, seed, objectSeed),
  boolean: ({ seed }) => hashOf(seed) % 4 !== 0,
  id: ({ seed }) => uuidOf(seed),
  datetime: (place) => moment(place).toISOString(),
  datetimeiso: (place) => moment(place).toISOString(),
  timestamp: (place) => moment(place).getTime(),
  date,
  localdate: date,
  time,
  localtime: (place) => moment(place).toISOString().slice(11, 19),
  localdatetime: (place) => moment(place).toISOString().slice(0, 19),
  localendtime: (place) => moment(place).toISOString().slice(11, 19),
  utcoffset: () => "+00:00",
  timezone: () => "Europe/Berlin",
  duration: ({ seed }) => `PT${between(1, 47, seed)}H`,
  iso8601duration: ({ seed }) => `PT${between(1, 47, seed)}H`,
  uuid: ({ seed }) => uuidOf(seed),
  guid: ({ seed }) => uuidOf(seed),
  objectid: ({ seed }) => hexOf(24, seed),
  cuid: ({ seed }) => `c${hexOf(24, seed)}`,
  emailaddress: text("email"),
  email: text("email"),
  url: text("url"),
  uri: text("url"),
  phonenumber: text("phone"),
  postalcode: text("zip"),
  countrycode: text("country"),
  countryname: ({ seed }) => oneOf(["Austria", "France", "Germany", "Italy", "Poland", "Spain"], seed),
  currency: text("currency"),
  currencycode: text("currency"),
  locale: ({ seed }) => oneOf(["de-DE", "en-GB", "es-ES", "fr-FR"], seed),
  languagecode: text("language"),
  nonemptystring: ({ fieldName, typeName, seed, objectSeed }) => sampleText(fieldName, typeName, seed, objectSeed),
  hexcolorcode: ({ seed }) => `#${hexOf(6, seed)}`,
  hexadecimal: ({ seed }) => hexOf(16, seed),
  hsl: ({ seed }) => `hsl(${between(0, 359, seed)}, 60%, 50%)`,
  rgb: ({ seed }) => `rgb(${between(0, 255, seed)}, 120, 180)`,
  rgba: ({ seed }) => `rgba(${between(0, 255, seed)}, 120, 180, 1)`,
  // https://www.rfc-editor.org/rfc/rfc5737 and rfc3849: addresses for documentation
  ipv4: ({ seed }) => `192.0.2.${between(1, 254, seed)}`,
  ip: ({ seed }) => `192.0.2.${between(1, 254, seed)}`,
  ipv6: ({ seed }) => `2001:db8::${hexOf(4, seed)}`,
  mac: ({ seed }) => (hexOf(12, seed).match(/../g) ?? []).join(":"),
  port: ({ seed }) => between(1_024, 65_535, seed),
  latitude: ({ seed }) => between(-900_000, 900_000, seed) / 10_000,
  longitude: ({ seed }) => between(-1_800_000, 1_800_000, seed) / 10_000,
  iban: () => "DE89370400440532013000",
  isbn: () => "978-3-16-148410-0",
  semver: ({ seed }) => `${between(1, 4, seed)}.${between(0, 20, seed, "minor")}.0`,
  json: () => ({ sample: true }),
  jsonobject: () => ({ sample: true }),
  void: () => null,
  bigint: int,
  long: int,
  safeint: int,
  byte: ({ seed }) => Buffer.from(hexOf(8, seed), "hex").toString("base64"),
  unsignedint: int,
  positiveint: (place) => Math.max(1, int(place)),
  nonnegativeint: int,
  negativeint: (place) => -Math.max(1, int(place)),
  nonpositiveint: (place) => -int(place),
  unsignedfloat: float,
  positivefloat: (place) => Math.max(0.01, float(place) as number),
  nonnegativefloat: float,
  negativefloat: (place) => -Math.max(0.01, float(place) as number),
  nonpositivefloat: (place) => -(float(place) as number),
  decimal: (place) => (float(place) as number).toFixed(2),
  bigdecimal: (place) => (float(place) as number).toFixed(2),
};

/** A scalar that only the graph's own services know is answered with a text. */
export function sampleLeaf(type: GraphQLScalarType | GraphQLEnumType, place: LeafPlace): unknown {
  if (isEnumType(type)) {
    const values = type.getValues();
    const lasting = values.filter(({ deprecationReason }) => deprecationReason == null);
    return oneOf(lasting.length > 0 ? lasting : values, place.seed).value as unknown;
  }
  const name = type.name.toLowerCase();
  const write = Object.hasOwn(BY_TYPE, name) ? BY_TYPE[name] : undefined;
  return write ? write(place) : `${type.name}-${hexOf(8, place.seed)}`;
}
