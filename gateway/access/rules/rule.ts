import type { Viewer } from "../../../kit/viewer";

/**
 * One condition on the caller. A field or type may carry several; all of them must hold.
 * `anyOf` is a disjunction of conjunctions: the caller needs every name of at least one inner list.
 */
export type Rule =
  | { readonly kind: "authenticated"; readonly key: string }
  | { readonly kind: "scopes"; readonly key: string; readonly anyOf: readonly (readonly string[])[] }
  | { readonly kind: "policies"; readonly key: string; readonly anyOf: readonly (readonly string[])[] };

/** Decides `@policy`: true when the caller satisfies the policy of this name. Without such a function no policy is satisfied. */
export type PolicyFunction = (policy: string, viewer: Viewer) => boolean;

export const AUTHENTICATED: Rule = Object.freeze({ kind: "authenticated", key: "authenticated" });

/** Equal conditions get equal keys, however the schema spelled them. */
export function listRule(kind: "scopes" | "policies", anyOf: readonly (readonly string[])[]): Rule {
  const minimal = minimise(anyOf);
  return Object.freeze({ kind, key: `${kind}:${JSON.stringify(minimal)}`, anyOf: minimal });
}

/** The rule that holds exactly when all of the given rules of one kind hold: the product of their disjunctions. */
export function conjunction(kind: "scopes" | "policies", rules: readonly (readonly (readonly string[])[])[]): Rule {
  const product = rules.reduce<readonly (readonly string[])[]>(
    (left, right) => minimise(left.flatMap((some) => right.map((others) => [...some, ...others]))),
    [[]],
  );
  return listRule(kind, product);
}

/**
 * Every kind of rule needs a signed-in caller, so an empty inner list (`[[]]`) is no way around that. An empty outer list is a
 * disjunction of nothing and is satisfied by nobody.
 */
export function isGranted(rule: Rule, viewer: Viewer, policy: PolicyFunction | undefined): boolean {
  if (!viewer) return false;
  switch (rule.kind) {
    case "authenticated":
      return true;
    case "scopes":
      return rule.anyOf.some((all) => all.every((scope) => viewer.scopes.includes(scope)));
    case "policies":
      return policy !== undefined && rule.anyOf.some((all) => all.every((name) => policy(name, viewer)));
  }
}

/** Sorted, without repetitions, and without lists that a shorter one already implies: the canonical form of a disjunction. */
function minimise(anyOf: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const sets = anyOf.map((all) => [...new Set(all)].sort());
  const unique = [...new Map(sets.map((all) => [JSON.stringify(all), all])).values()];
  return unique
    .filter((all) => !unique.some((other) => other !== all && other.every((name) => all.includes(name))))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
