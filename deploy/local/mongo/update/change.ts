/** Where an operator is at work, for its error messages. */
export interface Place {
  readonly field: string;
  readonly id: unknown;
}
/** Gives the new value of a field; `keep` leaves it as it is, `remove` takes it away. */
export type Change = (current: unknown, place: Place) => unknown;
export const keep = Symbol("keep");
export const remove = Symbol("remove");
