/** One condition of an `@event`: a path of the event's body equals an argument of the field, or a claim of the subscriber. */
export interface EventCondition {
  readonly path: readonly string[];
  readonly source: "args" | "claims";
  readonly name: string;
}

const CONDITION = /^\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*==\s*\$(args|claims)\.([A-Za-z_]\w*)\s*$/;

/** The conditions of a `where`, which `&&` joins, as they are written. */
export const splitConditions = (where: string): string[] => where.split("&&");

/** Reads `orderId == $args.orderId`. @returns `undefined` for anything of another form */
export function parseCondition(text: string): EventCondition | undefined {
  const [, path, source, name] = CONDITION.exec(text) ?? [];
  if (!path || !source || !name) return undefined;
  return { path: path.split("."), source: source as EventCondition["source"], name };
}
