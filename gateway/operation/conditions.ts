import {
  type DirectiveNode,
  type DocumentNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";

/**
 * The values of the Boolean variables on which `@skip`, `@include` and `@defer` of one operation depend. They are put into the document before it
 * is planned: a plan that leaves them open fetches too little when conditions lie within each other, and asks for less than a
 * representation needs when a required field is skipped. Operations have few of them, and each combination that occurs is prepared once.
 */
export interface Conditions {
  /** Equal for equal values. */
  readonly key: string;
  readonly values: ReadonlyMap<string, boolean>;
}

export const NO_CONDITIONS: Conditions = Object.freeze({ key: "", values: new Map<string, boolean>() });

interface ConditionVariable {
  readonly name: string;
  readonly standard: boolean;
}

const CONDITIONAL = new Set(["skip", "include", "defer"]);

const known = new WeakMap<DocumentNode, Map<string, readonly ConditionVariable[]>>();

/** @param variables as the client gave them; whether they are Booleans at all is found out when they are coerced */
export function conditionsOf(
  document: DocumentNode,
  operationName: string | undefined,
  variables: Readonly<Record<string, unknown>>,
): Conditions {
  const names = conditionVariables(document, operationName);
  if (names.length === 0) return NO_CONDITIONS;
  const values = names.map(({ name, standard }): [string, boolean] => [
    name,
    Object.hasOwn(variables, name) && variables[name] !== undefined ? variables[name] === true : standard,
  ]);
  return { key: values.map(([, value]) => (value ? "1" : "0")).join(""), values: new Map(values) };
}

function conditionVariables(document: DocumentNode, operationName: string | undefined): readonly ConditionVariable[] {
  const byOperation = known.get(document) ?? new Map<string, readonly ConditionVariable[]>();
  known.set(document, byOperation);
  const found = byOperation.get(operationName ?? "");
  if (found) return found;
  const operation = getOperationAST(document, operationName);
  const names = operation ? readVariables(document, operation) : [];
  byOperation.set(operationName ?? "", names);
  return names;
}

/** Of all fragments, whether the operation uses them or not: those of other operations have no definition here. */
function readVariables(document: DocumentNode, operation: OperationDefinitionNode): readonly ConditionVariable[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (directive) => {
      const condition = conditionOf(directive);
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return (operation.variableDefinitions ?? [])
    .filter(({ variable }) => names.has(variable.name.value))
    .map(({ variable, defaultValue }) => ({
      name: variable.name.value,
      standard: defaultValue?.kind === Kind.BOOLEAN && defaultValue.value,
    }));
}

const conditionOf = (directive: DirectiveNode) =>
  CONDITIONAL.has(directive.name.value)
    ? directive.arguments?.find(({ name }) => name.value === "if")?.value
    : undefined;

/** What the conditions leave of a node's directives; undefined when the node is not selected. */
export function decideDirectives(
  directives: readonly DirectiveNode[] | undefined,
  { values }: Conditions,
): readonly DirectiveNode[] | undefined {
  const left: DirectiveNode[] = [];
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (!CONDITIONAL.has(name)) {
      left.push(directive);
      continue;
    }
    const condition = conditionOf(directive);
    const holds =
      condition?.kind === Kind.VARIABLE
        ? values.get(condition.name.value) === true
        : condition?.kind !== Kind.BOOLEAN || condition.value;
    if (name === "skip" ? holds : name === "include" && !holds) return undefined;
    if (name === "defer" && holds) left.push(directive);
  }
  return left;
}
