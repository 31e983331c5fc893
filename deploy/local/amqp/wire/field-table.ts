/** What a field table holds once amqplib has decoded it; timestamps and decimals stay wrapped, see its `lib/codec.js`. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | Buffer
  | FieldValue[]
  | { "!": "timestamp"; value: number }
  | { "!": "decimal"; value: { places: number; digits: number } }
  | FieldTable;

export interface FieldTable {
  [name: string]: FieldValue | undefined;
}
