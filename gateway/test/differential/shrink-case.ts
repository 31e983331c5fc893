import {
  type ASTNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import type { DifferentialCase } from "./differential-case";

/**
 * Takes away whatever can be taken away while the case still fails: parts of the operation, then fields, types and directives of the
 * subgraphs, then nulls and errors of the data. (fast-check's own shrinking knows nothing of documents: it would draw other ones.)
 *
 * @param fails whether the smaller case still shows what is looked for
 */
export async function shrinkCase(
  subject: DifferentialCase,
  fails: (candidate: DifferentialCase) => Promise<boolean>,
  budgetMs: number,
): Promise<DifferentialCase> {
  const giveUpAt = Date.now() + budgetMs;
  let best = subject;
  const attempt = async (candidate: DifferentialCase): Promise<boolean> => {
    if (Date.now() > giveUpAt || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  const tryAll = async (candidates: () => Iterable<DifferentialCase>): Promise<boolean> => {
    let progress = false;
    let tried = 0;
    for (let again = true; again && Date.now() < giveUpAt;) {
      again = false;
      let position = 0;
      for (const candidate of candidates()) {
        // What did not work before rarely works after something else is gone; the next round tries it again.
        if (position++ < tried) continue;
        if (await attempt(candidate)) {
          again = progress = true;
          break;
        }
        tried = position;
      }
    }
    return progress;
  };
  for (let again = true; again && Date.now() < giveUpAt;) {
    again = await tryAll(() => smallerOperations(best));
    if (best.data.errorPercent > 0)
      again = (await attempt({ ...best, data: { ...best.data, errorPercent: 0 } })) || again;
    if (best.data.nullPercent > 0)
      again = (await attempt({ ...best, data: { ...best.data, nullPercent: 0 } })) || again;
    again = (await tryAll(() => smallerGraphs(best))) || again;
  }
  return best;
}

function* smallerOperations(subject: DifferentialCase): Iterable<DifferentialCase> {
  const { operation } = subject;
  const document = parse(operation.document, { noLocation: true });
  for (const smaller of smallerDocuments(document, isPartOfOperation, operation.operationName)) {
    const tidy = withoutUnused(smaller);
    const declared = new Set<string>();
    visit(tidy, { VariableDefinition: ({ variable }) => void declared.add(variable.name.value) });
    const variables = Object.fromEntries(Object.entries(operation.variables).filter(([name]) => declared.has(name)));
    yield { ...subject, operation: { ...operation, document: print(tidy), variables } };
  }
}

function* smallerGraphs(subject: DifferentialCase): Iterable<DifferentialCase> {
  const { subgraphs } = subject;
  for (const [index] of subgraphs.entries())
    yield { ...subject, subgraphs: subgraphs.filter((_, other) => other !== index) };
  // What is of no use to the operation goes at once, if it may: most of a generated graph.
  const mentioned = new Set(subject.operation.document.match(/\w+/g));
  const everywhere = (keep: (type: string, field: string) => boolean): DifferentialCase => ({
    ...subject,
    subgraphs: subgraphs.map(({ name, sdl }) => ({ name, sdl: withoutFields(sdl, keep) })),
  });
  const sets = new Set(
    subgraphs.flatMap(({ sdl }) => sdl.match(/fields: "[^"]*"/g) ?? []).flatMap((set) => set.match(/\w+/g) ?? []),
  );
  yield everywhere((_, field) => mentioned.has(field) || sets.has(field));
  for (const [type, field] of fieldsOf(subgraphs).reverse())
    yield everywhere((one, other) => one !== type || other !== field);
  for (const [index, { name, sdl }] of subgraphs.entries()) {
    const replace = (document: DocumentNode) => ({
      ...subject,
      subgraphs: subgraphs.map((other, at) => (at === index ? { name, sdl: withoutUnusedExternals(document) } : other)),
    });
    const document = parse(sdl, { noLocation: true });
    for (const smaller of smallerDocuments(document, isPartOfSchema)) yield replace(smaller);
  }
}

function withoutFields(sdl: string, keep: (type: string, field: string) => boolean): string {
  const reduced = visit(parse(sdl, { noLocation: true }), {
    ObjectTypeDefinition: (type) => {
      const fields = type.fields?.filter((field) => keep(type.name.value, field.name.value)) ?? [];
      return fields.length > 0 ? { ...type, fields } : null;
    },
  });
  return withoutUnusedExternals(reduced);
}

/** Composition refuses external fields that no key, `@requires` or `@provides` mentions, so they go with their last mention. */
function withoutUnusedExternals(document: DocumentNode): string {
  const text = print(document);
  const mentioned = new Set((text.match(/fields: "[^"]*"/g) ?? []).flatMap((set) => set.match(/\w+/g) ?? []));
  const tidy = visit(document, {
    FieldDefinition: ({ name, directives }) =>
      directives?.some((directive) => directive.name.value === "external") && !mentioned.has(name.value)
        ? null
        : undefined,
  });
  return print(tidy);
}

function fieldsOf(subgraphs: DifferentialCase["subgraphs"]): [string, string][] {
  const found = new Map<string, [string, string]>();
  for (const { sdl } of subgraphs) {
    visit(parse(sdl, { noLocation: true }), {
      ObjectTypeDefinition: ({ name, fields }) => {
        for (const field of fields ?? [])
          found.set(`${name.value}.${field.name.value}`, [name.value, field.name.value]);
      },
    });
  }
  return [...found.values()];
}

const isPartOfOperation = (node: ASTNode): boolean =>
  node.kind === Kind.FIELD ||
  node.kind === Kind.INLINE_FRAGMENT ||
  node.kind === Kind.FRAGMENT_SPREAD ||
  node.kind === Kind.DIRECTIVE ||
  node.kind === Kind.ARGUMENT ||
  node.kind === Kind.OBJECT_FIELD ||
  node.kind === Kind.OPERATION_DEFINITION;

const isPartOfSchema = (node: ASTNode): boolean =>
  /TypeDefinition$/.test(node.kind) ||
  node.kind === Kind.FIELD_DEFINITION ||
  node.kind === Kind.INPUT_VALUE_DEFINITION ||
  node.kind === Kind.DIRECTIVE;

/** The document without each one of its removable nodes in turn, the outermost first; fragments are also replaced by what they hold. */
function* smallerDocuments(
  document: DocumentNode,
  isRemovable: (node: ASTNode) => boolean,
  keep?: string,
): Iterable<DocumentNode> {
  const nodes: ASTNode[] = [];
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.SCHEMA_EXTENSION) return false;
      if (isRemovable(node)) nodes.push(node);
      return undefined;
    },
  });
  for (const node of nodes) {
    if (node.kind === Kind.OPERATION_DEFINITION && (keep === undefined || node.name?.value === keep)) continue;
    const smaller = visit(document, { enter: (other) => (other === node ? null : undefined) });
    if (hasNothingEmpty(smaller)) yield smaller;
    const inner = contentOf(document, node);
    if (inner) yield visit(document, { SelectionSet: (set) => spliced(set, node as SelectionNode, inner) });
    if (node.kind === Kind.FIELD && node.alias) {
      const { alias: _alias, ...plain } = node;
      yield visit(document, { Field: (other) => (other === node ? plain : undefined) });
    }
  }
}

function contentOf(document: DocumentNode, node: ASTNode): SelectionSetNode | undefined {
  if (node.kind === Kind.INLINE_FRAGMENT) return node.selectionSet;
  if (node.kind !== Kind.FRAGMENT_SPREAD) return undefined;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION || definition.name.value !== node.name.value) continue;
    const { typeCondition, selectionSet } = definition;
    return { kind: Kind.SELECTION_SET, selections: [{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet }] };
  }
  return undefined;
}

function spliced(set: SelectionSetNode, node: SelectionNode, inner: SelectionSetNode): SelectionSetNode | undefined {
  if (!set.selections.includes(node)) return undefined;
  return {
    ...set,
    selections: set.selections.flatMap((selection) => (selection === node ? inner.selections : [selection])),
  };
}

function hasNothingEmpty(document: DocumentNode): boolean {
  let isFine = document.definitions.length > 0;
  visit(document, {
    SelectionSet: ({ selections }) => {
      if (selections.length === 0) isFine = false;
    },
  });
  return isFine;
}

/** Without the fragments that nobody spreads and the variables that nobody reads. */
function withoutUnused(document: DocumentNode): DocumentNode {
  let current = document;
  for (;;) {
    const spread = new Set<string>();
    visit(current, { FragmentSpread: ({ name }) => void spread.add(name.value) });
    const definitions = current.definitions.filter(
      (definition) => definition.kind !== Kind.FRAGMENT_DEFINITION || spread.has(definition.name.value),
    );
    if (definitions.length === current.definitions.length) break;
    current = { ...current, definitions };
  }
  const isOnlyOperation = current.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length === 1;
  if (!isOnlyOperation) return current;
  const read = new Set<string>();
  visit(current, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void read.add(name.value),
  });
  return visit(current, {
    VariableDefinition: (definition: VariableDefinitionNode) =>
      read.has(definition.variable.name.value) ? undefined : null,
  });
}
