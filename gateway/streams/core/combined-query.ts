import { print, type SelectionSetNode, stripIgnoredCharacters, type VariableDefinitionNode, visit } from "graphql";
import { LRUCache } from "lru-cache";
import type { EntityQuestion } from "./entity-question";

/** One request that asks several questions. */
export interface CombinedQuery {
  /** The text of the operation. */
  readonly text: string;
  /** `"query":"…"` of a request's body. */
  readonly body: string;
  /** In the order of the questions. */
  readonly parts: readonly {
    /** The response key of its entities. */
    readonly alias: string;
    /** The variable that holds its representations. */
    readonly representations: string;
    /** The request's name for a variable of the question. */
    variable(name: string): string;
  }[];
}

const MAX_CACHED_CHARACTERS = 4_000_000;

/**
 * Writes requests for the `_entities` of a subgraph, and remembers them: the same questions come together again with every event.
 * https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec#query_entities
 */
export function createQueryWriter(): (questions: readonly EntityQuestion[]) => CombinedQuery {
  const known = new LRUCache<string, CombinedQuery>({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: ({ text, body }, key) => text.length + body.length + key.length,
  });
  return (questions) => {
    const [first] = questions;
    // Mostly one question with as many values of its variables.
    const isOne = questions.every(({ id }) => id === first?.id);
    const key = isOne ? `${questions.length} ${first?.id}` : questions.map(({ id }) => id).join();
    const found = known.get(key);
    if (found) return found;
    const written = questions.length === 1 ? singleQuery(questions[0] as EntityQuestion) : combinedQuery(questions);
    const query = { ...written, body: `"query":${JSON.stringify(written.text)}` };
    known.set(key, query);
    return query;
  };
}

type Written = Omit<CombinedQuery, "body">;

function singleQuery({ type, selection, definitions }: EntityQuestion): Written {
  const parameters = ["$representations: [_Any!]!", ...definitions.map(print)].join(", ");
  return {
    text: stripIgnoredCharacters(
      `query (${parameters}) { _entities(representations: $representations) { ... on ${type} ${print(selection)} } }`,
    ),
    parts: [{ alias: "_entities", representations: "representations", variable: (name) => name }],
  };
}

/** Each question under an alias of its own, with variables of its own: two clients may call different things alike. */
function combinedQuery(questions: readonly EntityQuestion[]): Written {
  const parts = questions.map((_, i) => ({
    alias: `e${i}`,
    representations: `r${i}`,
    variable: (name: string) => `v${i}_${name}`,
  }));
  const parameters: string[] = [];
  const fields: string[] = [];
  questions.forEach(({ type, selection, definitions }, i) => {
    const part = parts[i];
    if (!part) return;
    const renamed = <T extends SelectionSetNode | VariableDefinitionNode>(node: T): T =>
      visit(node, {
        Variable: (variable) => ({
          ...variable,
          name: { ...variable.name, value: part.variable(variable.name.value) },
        }),
      }) as T;
    parameters.push(`$${part.representations}: [_Any!]!`, ...definitions.map((node) => print(renamed(node))));
    fields.push(
      `${part.alias}: _entities(representations: $${part.representations}) { ... on ${type} ${print(renamed(selection))} }`,
    );
  });
  return { text: stripIgnoredCharacters(`query (${parameters.join(", ")}) { ${fields.join(" ")} }`), parts };
}
