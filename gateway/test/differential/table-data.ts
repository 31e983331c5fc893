import type { Args, GraphData, Value } from "./graph-data";
import { Ref } from "./graph-data";

export type Cell = Value | ((args: Args, required: Record<string, unknown>, turn: number | undefined) => Value);

/** Objects by type and id, written out by hand; root types have one object, with the id "". */
export type Table = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Cell>>>>>>;

export const ref = (type: string, id: string): Ref => new Ref(type, id);

/** @param unknownTo `Type:id` of the objects that a subgraph does not find, by the subgraph's name */
export function createTableData(table: Table, unknownTo: Readonly<Record<string, readonly string[]>> = {}): GraphData {
  return {
    value: ({ ref: { type, id }, field, args, required, turn }) => {
      const row = table[type]?.[id];
      if (!row || !Object.hasOwn(row, field)) throw new Error(`the table has no ${type} "${id}" with "${field}"`);
      const cell = row[field];
      return typeof cell === "function" ? cell(args, (required ?? {}) as Record<string, unknown>, turn) : cell;
    },
    entities: (type) => Object.keys(table[type] ?? {}).map((id) => new Ref(type, id)),
    isKnownTo: (subgraph, { type, id }) => !unknownTo[subgraph]?.includes(`${type}:${id}`),
  };
}
