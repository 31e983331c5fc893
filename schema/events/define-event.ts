import type { JSONSchemaType } from "ajv";

/** One type of event: the contract between the service that publishes it and those that listen. */
export interface EventDefinition<Data> {
  /** `<subgraph>.<entity>.<event>.v<major>`: CloudEvents type and AMQP routing key. Additions keep the major version. */
  readonly type: string;
  /** One sentence: what has happened, and when this is said. */
  readonly description: string;
  readonly publisher: string;
  /** `<subgraph>.<handler>` of each business consumer; the gateway's live feed hears everything. */
  readonly listeners: readonly string[];
  /** JSON Schema (draft 2020-12) of the body. */
  readonly schema: JSONSchemaType<Data>;
}

export const defineEvent = <Data>(definition: EventDefinition<Data>): EventDefinition<Data> => definition;

/** The TypeScript type of an event's body. */
export type DataOf<Definition> = Definition extends EventDefinition<infer Data> ? Data : never;
