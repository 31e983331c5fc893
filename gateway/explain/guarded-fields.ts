import type { GuardedOperation, Selection } from "../access/enforcement/guarded-operation";
import type { Rule } from "../access/rules/rule";

/** A place of the operation that demands something of its caller. */
export interface GuardedField {
  /** Response keys from the root. */
  readonly path: string;
  /** All of them must hold. */
  readonly demands: readonly string[];
  /** Of objects of this type behind an interface or union: others there are shown all the same. */
  readonly onlyObjectsOf?: string;
}

/** Everything in an operation that access rules guard, in the order of the document. */
export function guardedFields({ selections }: GuardedOperation): readonly GuardedField[] {
  const found = new Map<string, GuardedField>();
  const add = (path: readonly string[], rules: readonly Rule[], onlyObjectsOf?: string) => {
    if (rules.length === 0) return;
    const field = { path: path.join("."), demands: rules.map(inWords) };
    const known: GuardedField = onlyObjectsOf === undefined ? field : { ...field, onlyObjectsOf };
    found.set(JSON.stringify(known), known);
  };
  const walk = (children: readonly Selection[]) => {
    for (const selection of children) {
      if (selection.kind === "field") {
        add(selection.path, selection.requires);
        for (const [type, rules] of selection.behind) add(selection.path, rules, type);
      }
      walk(selection.selections);
    }
  };
  walk(selections);
  return [...found.values()];
}

function inWords(rule: Rule): string {
  if (rule.kind === "authenticated") return "signed in";
  const [one, several] = rule.kind === "scopes" ? ["scope", "scopes"] : ["policy", "policies"];
  if (rule.anyOf.length === 0) return `no ${one} suffices`;
  const isOne = rule.anyOf.length === 1 && rule.anyOf[0]?.length === 1;
  return `${isOne ? one : several} ${rule.anyOf.map((all) => all.join(" and ") || "none").join(", or ")}`;
}
