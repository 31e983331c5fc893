import { createHash } from "node:crypto";

/** Decides which labels of `@override(label:)` hold for a request. */
export interface OverrideLabels {
  /**
   * @param requestId decides the percentages: the same request always gets the same answer, and over many requests the share is right
   * @returns in a fixed order
   */
  chosenFor(requestId: string): readonly string[];
}

const NONE: readonly string[] = Object.freeze([]);
const PERCENT = /^percent\((\d{1,2}(?:\.\d{1,8})?|100)\)$/;

/**
 * `percent(n)` holds for n % of requests; any other label holds when the configuration names it.
 * https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#override
 *
 * @param labels every label of the supergraph
 * @param enabled the labels that are switched on
 */
export function createOverrideLabels(labels: readonly string[], enabled: ReadonlySet<string>): OverrideLabels {
  const known = [...labels].sort();
  if (known.length === 0) return { chosenFor: () => NONE };
  const shares = known.map((label) => {
    const percent = PERCENT.exec(label)?.[1];
    return { label, percent: percent === undefined ? (enabled.has(label) ? 100 : 0) : Number(percent) };
  });
  if (shares.every(({ percent }) => percent === 0 || percent === 100)) {
    const always = shares.filter(({ percent }) => percent === 100).map(({ label }) => label);
    return { chosenFor: () => always };
  }
  return {
    chosenFor: (requestId) => {
      const draw = (createHash("sha256").update(requestId).digest().readUInt32BE() / 2 ** 32) * 100;
      return shares.filter(({ percent }) => draw < percent).map(({ label }) => label);
    },
  };
}
