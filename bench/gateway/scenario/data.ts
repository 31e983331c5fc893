/**
 * The data of the scenario: its counts and sizes follow graphql-hive/graphql-gateways-benchmark, its contents are ours.
 * Six users, nine products, eleven reviews on the first four products; each user shows two reviews, so that every
 * further level of the heavy query is twice as wide as there are authors.
 */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly birthday: number;
  readonly reviews: readonly [string, string];
}

export interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
}

export interface Review {
  readonly id: string;
  readonly product: string;
  readonly author: string;
  readonly body: string;
}

export const users: readonly User[] = [
  { id: "1", name: "Amara Lindqvist", username: "amaralq", birthday: 19840312, reviews: ["r1", "r6"] },
  { id: "2", name: "Bruno Castellanos", username: "brunoc", birthday: 19910725, reviews: ["r2", "r7"] },
  { id: "3", name: "Chioma Adeyemi", username: "chiomad", birthday: 19781130, reviews: ["r3", "r8"] },
  { id: "4", name: "Dmitri Halvorsen", username: "dhalvor", birthday: 20010204, reviews: ["r4", "r9"] },
  { id: "5", name: "Elif Yamamoto", username: "elifyam", birthday: 19690917, reviews: ["r5", "r10"] },
  { id: "6", name: "Farid Okonkwo", username: "faridok", birthday: 19950508, reviews: ["r1", "r11"] },
];

export const products: readonly Product[] = [
  { upc: "1", name: "Desk", price: 749, weight: 180, inStock: true },
  { upc: "2", name: "Armchair", price: 1199, weight: 420, inStock: false },
  { upc: "3", name: "Mug", price: 14, weight: 35, inStock: true },
  { upc: "4", name: "Stool", price: 389, weight: 95, inStock: false },
  { upc: "5", name: "Screen", price: 1549, weight: 610, inStock: true },
  { upc: "6", name: "Lantern", price: 5499, weight: 240, inStock: true },
  { upc: "7", name: "Stove", price: 3299, weight: 1900, inStock: false },
  { upc: "8", name: "Freezer", price: 89900, weight: 7200, inStock: true },
  { upc: "9", name: "Bench", price: 8799, weight: 950, inStock: false },
];

/** Five reviews of the first product, four of the second, one of the third and of the fourth. */
const reviewed = ["1", "1", "1", "1", "1", "2", "2", "2", "2", "3", "4"];
const authors = ["1", "2", "3", "4", "5", "6", "1", "2", "3", "4", "5"];
/** Characters of each body; those of the first product weigh most, because the heavy query meets it most often. */
const lengths = [240, 331, 420, 180, 140, 520, 352, 196, 460, 840, 380];

const sentences = [
  "It came two days early, well packed, and every screw was in its labelled bag.",
  "The finish is even, the edges are smooth, and nothing smells of glue.",
  "After three months of daily use there is not a scratch on it.",
  "The manual is short but complete; one person can put it together in an evening.",
  "I had doubts about the colour, and in daylight it is exactly as pictured.",
  "One leg was a little loose, which a quarter turn of the key put right.",
  "Our children climb on it, the cat sleeps under it, and it has not complained yet.",
  "For the price I expected less, and I have already ordered a second one for my mother.",
  "Customer service answered within the hour and sent the missing part without a question.",
  "If you are tall, measure first: it is lower than the photographs make you believe.",
];

function bodyOf(index: number, length: number): string {
  let text = "";
  for (let i = index * 3; text.length < length; i++) text += `${sentences[i % sentences.length]} `;
  return `${text
    .slice(0, length - 1)
    .trimEnd()
    .padEnd(length - 1, ".")}.`;
}

export const reviews: readonly Review[] = lengths.map((length, index) => ({
  id: `r${index + 1}`,
  product: reviewed[index]!,
  author: authors[index]!,
  body: bodyOf(index, length),
}));
