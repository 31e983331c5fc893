import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";

const DIRECTIVE = "rest";

/** What `@rest(path:)` says, and the document without it: that is the text which is registered, validated and run. */
export interface TakenRestDirective {
  readonly document: DocumentNode;
  /** Undefined when the operation has no such directive, or none that can be read. */
  readonly path: string | undefined;
  readonly errors: readonly string[];
}

/** Reads `query GetOrder($id: ID!) @rest(path: "/orders/{id}")`. It belongs on an operation, once, with nothing but a literal path. */
export function takeRestDirective(document: DocumentNode): TakenRestDirective {
  const errors: string[] = [];
  const onOperations = document.definitions
    .filter((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION)
    .flatMap(({ directives = [] }) => directives.filter(isRest));
  let found = 0;
  const stripped = visit(document, {
    Directive: (directive) => {
      if (!isRest(directive)) return undefined;
      found++;
      return null;
    },
  });
  if (found > onOperations.length) errors.push("@rest belongs on an operation");
  if (onOperations.length > 1) errors.push("@rest may be there once");
  const [directive] = onOperations;
  const path = directive && pathOf(directive.arguments ?? []);
  if (directive && path === undefined) errors.push('@rest has one argument: (path: "/…")');
  return { document: stripped, path, errors };
}

const isRest = ({ name }: DirectiveNode) => name.value === DIRECTIVE;

function pathOf(given: readonly ArgumentNode[]): string | undefined {
  const [argument] = given;
  if (given.length !== 1 || argument?.name.value !== "path") return undefined;
  return argument.value.kind === Kind.STRING ? argument.value.value : undefined;
}
