import { type FieldNode, Kind, type SelectionSetNode } from "graphql";
import { anyValueAt } from "../../../schema/event-path";
import type { EntityQuestion } from "./entity-question";
import type { EntityKey } from "./prepared-stream";

/** @returns the entity as its owner would answer the question; `undefined` when the event's body does not say all of it */
export type ReadPayload = (data: unknown, key: EntityKey) => Record<string, unknown> | undefined;

/**
 * Reads an entity out of events that bring their fields along, in place of asking its owner.
 * @param fields where the body holds which field of the entity
 * @returns undefined when the question asks for more than events can say: another field, or a field with arguments
 */
export function createPayloadReader(
  { selection, type, rewrite }: EntityQuestion,
  fields: ReadonlyMap<string, readonly string[]>,
): ReadPayload | undefined {
  const nodes: FieldNode[] = [];
  for (const node of selection.selections) {
    if (node.kind !== Kind.FIELD || !isSayable(node)) return undefined;
    const name = node.name.value;
    if (!fields.has(name) && name !== "id" && name !== "__typename") return undefined;
    nodes.push(node);
  }
  return (data, key) => {
    const entity: Record<string, unknown> = {};
    for (const node of nodes) {
      const name = node.name.value;
      const path = fields.get(name);
      const value = path ? project(anyValueAt(data, path), node.selectionSet) : name === "id" ? key : type;
      if (value === undefined) return undefined;
      entity[node.alias?.value ?? name] = value;
    }
    rewrite?.(entity);
    return entity;
  };
}

/** Neither arguments nor type conditions: an event knows nothing of them. */
const isSayable = ({ arguments: given, directives, selectionSet }: FieldNode): boolean =>
  !given?.length &&
  !directives?.length &&
  (selectionSet?.selections ?? []).every((node) => node.kind === Kind.FIELD && isSayable(node));

/** The value under the words of the selection; `undefined` when it lacks something. Only own properties count. */
function project(value: unknown, set: SelectionSetNode | undefined): unknown {
  if (!set || value === null || value === undefined) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => project(item, set));
    return items.includes(undefined) ? undefined : items;
  }
  if (typeof value !== "object") return undefined;
  const object: Record<string, unknown> = {};
  for (const node of set.selections) {
    if (node.kind !== Kind.FIELD) return undefined;
    const name = node.name.value;
    const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    const inner = project(own, node.selectionSet);
    if (inner === undefined) return undefined;
    object[node.alias?.value ?? name] = inner;
  }
  return object;
}
