import { getNullableType, type GraphQLOutputType, isAbstractType, isCompositeType, isListType } from "graphql";
import type { Selection } from "../../operation/output-fields";
import type { AnswerShape } from "../layout/answer-shape";
import type { PathKey } from "./error-report";

/** What the client asks for at a place. */
export interface Asked {
  readonly type: GraphQLOutputType;
  readonly selection: Selection | undefined;
}

/**
 * The part of a subgraph's path that is in the client's document, in its words. A subgraph is also asked for what the client did not ask
 * for, keys and requirements, and their names are no business of the client's.
 */
export function clientPath(shape: AnswerShape, [key, ...rest]: readonly PathKey[], asked: Asked): readonly PathKey[] {
  const type = getNullableType(asked.type);
  const { selection } = asked;
  if (key === undefined) return [];
  if (typeof key === "number") {
    return isListType(type) ? [key, ...clientPath(shape, rest, { type: type.ofType, selection })] : [];
  }
  if (!selection || !isCompositeType(type)) return [];
  const objectTypes = isAbstractType(type) ? shape.schema.getPossibleTypes(type) : [type];
  const fields = objectTypes.flatMap((one) => selection.fieldsOf(one).find((field) => field.key === key) ?? []);
  const tails = new Map(fields.map((field) => [field.selection, field.definition]));
  const [longest] = [...tails]
    .map(([below, definition]) =>
      definition ? clientPath(shape, rest, { type: definition.type, selection: below }) : [],
    )
    .sort((a, b) => b.length - a.length);
  return longest ? [shape.responseKey(key), ...longest] : [];
}
