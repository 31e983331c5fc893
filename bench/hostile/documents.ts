/** Documents that are sent to harm, for the graph of `composeHostileGraph`. All of them must be refused. */
export interface HostileDocument {
  readonly what: string;
  /** @param serial makes each document a text of its own, so that nothing can be remembered of the last one */
  readonly text: (serial: number) => string;
}

const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");

/** Each fragment spreads the next one twice: 2^n fields in n lines. */
const doubling = (n: number, serial: number) =>
  `query Q${serial} { users { ...F0 } } ${times(n, (i) => `fragment F${i} on User { ...F${i + 1} ... { ...F${i + 1} } }`)} ` +
  `fragment F${n} on User { id }`;

const waysOut = (levels: number): string =>
  levels === 0 ? "f0" : `next { ${waysOut(levels - 1)} } alt { ${waysOut(levels - 1)} }`;

export const hostileDocuments: readonly HostileDocument[] = [
  { what: "fragments that mean 2^30 fields", text: (serial) => doubling(30, serial) },
  {
    what: "10,000 aliases",
    text: (serial) => `query Q${serial} { users { ${times(10_000, (i) => `a${i}:id`)} } }`,
  },
  { what: "50,000 tokens", text: (serial) => `query Q${serial} { users { ${"id ".repeat(50_000)} } }` },
  {
    what: "a depth of 500",
    text: (serial) => `query Q${serial} { users { ${"reviews { author { ".repeat(250)} id ${"} } ".repeat(250)} } }`,
  },
  {
    what: "five hundred fragments in a ring",
    text: (serial) =>
      `query Q${serial} { users { ...F0 } } ${times(500, (i) => `fragment F${i} on User { ...F${(i + 1) % 500} }`)}`,
  },
  {
    what: "nine hundred fragments side by side",
    text: (serial) =>
      `query Q${serial} { users { ${times(900, (i) => `...F${i % 90}`)} } } ${times(90, (i) => `fragment F${i} on User { id }`)}`,
  },
  {
    what: "9,000 fields that do not exist",
    text: (serial) => `query Q${serial} { users { ${times(9_000, (i) => `x${i}`)} } }`,
  },
  {
    what: "a plan of many ways",
    text: (serial) => `query Q${serial} { a { ${"next { ".repeat(12)} f0 ${"} ".repeat(12)} } }`,
  },
  { what: "a plan of many branches", text: (serial) => `query Q${serial} { a { ${waysOut(6)} } }` },
];
