import type { Collection, Filter, Sort } from "mongodb";
import type { Row } from "./stage";

/** The ids that a filter finds, in the order asked for, else in alphabetical order. */
export async function idsOf(rows: Collection<Row>, filter: Filter<Row>, sort?: Sort): Promise<string> {
  const found = await rows
    .find(filter, { projection: { _id: 1 } })
    .sort(sort ?? { _id: 1 })
    .toArray();
  return found.map(({ _id }) => _id).join(" ");
}
