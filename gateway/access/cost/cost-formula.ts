export type Variables = Readonly<Record<string, unknown>>;

/** What an operation, or a part of it, costs: a number, unless the values of variables decide. */
export type CostFormula = number | ((variables: Variables) => number);

/** No cost is higher. */
export const MOST = Number.MAX_VALUE;

/**
 * @param variables as the client gave them
 * @returns at least 0, and never more than the largest number there is
 * @throws ClientError BAD_USER_INPUT when a field that needs one slicing argument has none or several
 */
export const costOf = (formula: CostFormula, variables: Variables): number =>
  typeof formula === "number" ? formula : formula(variables);

/** Sums and products end at the largest number: an infinite one times nothing would be no number, which is below every limit. */
export const plus = (a: number, b: number): number => Math.min(a + b, MOST);
const times = (a: number, b: number): number => Math.min(a * b, MOST);

export function sum(terms: readonly CostFormula[]): CostFormula {
  let constant = 0;
  const varying: ((variables: Variables) => number)[] = [];
  for (const term of terms) {
    if (typeof term === "number") constant = plus(constant, term);
    else varying.push(term);
  }
  if (varying.length === 0) return constant;
  return (variables) => varying.reduce((total, term) => plus(total, term(variables)), constant);
}

export function product(a: CostFormula, b: CostFormula): CostFormula {
  if (typeof a === "number" && typeof b === "number") return times(a, b);
  return (variables) => times(costOf(a, variables), costOf(b, variables));
}

export const atLeastNothing = (term: CostFormula): CostFormula =>
  typeof term === "number" ? Math.max(0, term) : (variables) => Math.max(0, term(variables));

/** @returns undefined when none is known */
export function heaviest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}
