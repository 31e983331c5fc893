import type { GraphQLError } from "graphql";
import type { Ending, StreamMessage } from "../stream";

/** What one kind of answer looks like on the wire. */
export interface Delivery {
  readonly contentType: string;
  /** The first bytes: client and proxies learn from them that the answer has begun. */
  readonly opening: string;
  message(message: StreamMessage): string;
  /** Says nothing, and keeps proxies from taking the connection for dead. */
  readonly heartbeat: string;
  /** The last bytes. */
  ending(ending: Ending): string;
}

/** JSON of a GraphQL response without data. */
export const errorsText = (errors: readonly GraphQLError[]): string => `{"errors":${JSON.stringify(errors)}}`;
