import { operandValue } from "../../../schema/event-condition";
import type { EventIndex } from "./event-index";
import { Group, type GroupTools } from "./group";
import type { PreparedStream } from "./prepared-stream";

/** The groups that wait for events. */
export interface Groups {
  /** The group that a stream belongs to, made when there is none. */
  of(prepared: PreparedStream): Group;
  all(): readonly Group[];
}

export function createGroups(options: { index: EventIndex<Group>; tools: GroupTools }): Groups {
  const { index, tools } = options;
  const byKey = new Map<string, Group>();
  let made = 0;

  const create = (key: string, prepared: PreparedStream): Group => {
    const onIdle = () => {
      if (byKey.get(key) === group) byKey.delete(key);
      remove();
    };
    const group = new Group(String(++made), prepared, tools, onIdle);
    const remove = index.add(group);
    byKey.set(key, group);
    return group;
  };

  return {
    of: (prepared) => {
      const key = keyOf(prepared);
      return byKey.get(key) ?? create(key, prepared);
    },
    all: () => [...byKey.values()],
  };
}

/** The same execution, and the same answer of every condition to every event. */
function keyOf(prepared: PreparedStream): string {
  const { field, executionKey } = prepared;
  const operands = [...field.where, ...field.authorize].map((condition) => {
    const value = operandValue(condition, prepared) ?? null;
    // A list of values stands for a set.
    return condition.operator === "in" && Array.isArray(value) ? [...new Set<unknown>(value)].sort() : value;
  });
  return JSON.stringify([field.name, executionKey, operands]);
}
