import {
  type DirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/** A field of an object as the client's document asks for it. */
export interface OutputField {
  /** The response key. */
  readonly key: string;
  readonly name: string;
  /** Undefined for `__typename`, `__schema` and `__type`. */
  readonly definition: GraphQLField<unknown, unknown> | undefined;
  /** What is asked of the field's value; undefined for a leaf. */
  readonly selection: Selection | undefined;
  /** For each mention of it the labels of the `@defer`s around it. */
  readonly mentions: readonly Labels[];
}

/** Of `@defer`s inside of each other, the outermost first. */
export type Labels = readonly string[];

/** A fragment with `@defer`, and everything in it as a selection of its own. */
export interface DeferredFragment {
  readonly label: string;
  readonly within: Labels;
  readonly selection: Selection;
}

/** The selection sets that apply to one value together. Equal ones are one object. */
export interface Selection {
  /** https://spec.graphql.org/October2021/#CollectFields(), for an object of this type, in the order of the answer. */
  fieldsOf(type: GraphQLObjectType): readonly OutputField[];
  /** The deferred fragments at this very value. */
  deferredOf(type: GraphQLObjectType): readonly DeferredFragment[];
}

interface Scoped {
  readonly set: SelectionSetNode;
  readonly within: Labels;
}

interface Mention {
  readonly within: Labels;
  readonly set: SelectionSetNode | undefined;
}

interface Collected {
  readonly fields: readonly OutputField[];
  readonly deferred: readonly DeferredFragment[];
}

/** @param operation valid on the schema and normalised: see `normaliseOperation` */
export function readSelection(schema: GraphQLSchema, operation: OperationDefinitionNode): Selection {
  const setNumbers = new Map<SelectionSetNode, number>();
  const selections = new Map<string, Selection>();

  const numberOf = (set: SelectionSetNode): number => {
    const known = setNumbers.get(set) ?? setNumbers.size;
    setNumbers.set(set, known);
    return known;
  };

  const create = (scopes: readonly Scoped[]): Selection => {
    const identity = JSON.stringify(scopes.map(({ set, within }) => [numberOf(set), within]));
    const known = selections.get(identity);
    if (known) return known;
    const byType = new Map<GraphQLObjectType, Collected>();
    const collected = (type: GraphQLObjectType): Collected => {
      const found = byType.get(type) ?? collect(type, scopes);
      byType.set(type, found);
      return found;
    };
    const selection: Selection = {
      fieldsOf: (type) => collected(type).fields,
      deferredOf: (type) => collected(type).deferred,
    };
    selections.set(identity, selection);
    return selection;
  };

  const collect = (type: GraphQLObjectType, scopes: readonly Scoped[]): Collected => {
    const byKey = new Map<string, { readonly name: string; readonly mentions: Mention[] }>();
    const deferred: DeferredFragment[] = [];

    const read = ({ set, within }: Scoped): void => {
      for (const node of set.selections) {
        if (node.kind === Kind.FIELD) {
          const key = node.alias?.value ?? node.name.value;
          const { mentions } = byKey.get(key) ?? { mentions: [] as Mention[] };
          byKey.set(key, { name: node.name.value, mentions });
          mentions.push({ within, set: node.selectionSet });
        } else if (node.kind === Kind.INLINE_FRAGMENT && applies(node.typeCondition?.name.value, type)) {
          const { selectionSet: inner } = node;
          const label = deferLabel(node.directives);
          if (label === undefined) {
            read({ set: inner, within });
          } else {
            deferred.push({ label, within, selection: create([{ set: inner, within: [] }]) });
            read({ set: inner, within: [...within, label] });
          }
        }
      }
    };
    for (const scope of scopes) read(scope);

    const fields = [...byKey].map(([key, { name, mentions }]): OutputField => ({
      key,
      name,
      definition: type.getFields()[name],
      selection: selectionUnder(mentions),
      mentions: mentions.map(({ within }) => within),
    }));
    return { fields, deferred };
  };

  const applies = (on: string | undefined, type: GraphQLObjectType): boolean => {
    if (on === undefined || on === type.name) return true;
    const condition = schema.getType(on);
    return isAbstractType(condition) && schema.isSubType(condition, type);
  };

  const selectionUnder = (mentions: readonly Mention[]): Selection | undefined => {
    const scopes = mentions.flatMap(({ within, set }) => (set ? [{ set, within }] : []));
    return scopes.length > 0 ? create(scopes) : undefined;
  };

  return create([{ set: operation.selectionSet, within: [] }]);
}

/** @param deferred labels of the parts that come later: a plan need not put off everything that may be */
export const isHeldBack = (within: Labels, deferred: ReadonlySet<string>): boolean =>
  within.some((label) => deferred.has(label));

/** The label of a `@defer`; documents get labels of their own while they are normalised. */
function deferLabel(directives: readonly DirectiveNode[] | undefined): string | undefined {
  const defer = directives?.find(({ name }) => name.value === "defer");
  const label = defer?.arguments?.find(({ name }) => name.value === "label")?.value;
  return label?.kind === Kind.STRING ? label.value : undefined;
}

/**
 * For an object of which only the interface is known: a type that stands for all, when every object type behind it is answered with the same
 * fields and nobody asks which type it is.
 *
 * @param isWritten false for a field that comes later
 */
export function typeForAll(
  selection: Selection,
  possibleTypes: readonly GraphQLObjectType[],
  isWritten: (field: OutputField) => boolean = () => true,
): GraphQLObjectType | undefined {
  const [first, ...others] = possibleTypes;
  if (!first) return undefined;
  const fieldsOf = (type: GraphQLObjectType) => selection.fieldsOf(type).filter(isWritten);
  const fields = fieldsOf(first);
  if (fields.some(({ name }) => name === "__typename")) return undefined;
  const isSame = (type: GraphQLObjectType) => {
    const own = fieldsOf(type);
    return (
      own.length === fields.length && own.every(({ key, name }, i) => fields[i]?.key === key && fields[i].name === name)
    );
  };
  return others.every(isSame) ? first : undefined;
}
