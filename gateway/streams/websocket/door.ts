import type { ExecutionResult, GraphQLError } from "graphql";
import type { Viewer } from "../../../kit/viewer";
import type { CheckedOperation, SubscriptionRequest } from "../stream";

type Generation = CheckedOperation["generation"];
type OperationContext = SubscriptionRequest["context"];

/** What the bearer of a token is known by. */
export interface Caller {
  readonly viewer: Viewer;
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined;
}

/** The payload of a `subscribe` message. */
export interface OperationInput {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** What sockets need of the gateway: the same checks and the same executor as over HTTP. */
export interface WebSocketDoor {
  /** @throws ClientError when there is a token and it is not valid, or when that cannot be found out now */
  authenticate(authorization: string | undefined): Promise<Caller>;
  isOriginAllowed(origin: string | undefined, host: string | undefined): boolean;
  /**
   * To be awaited before `check`, which then keeps nobody waiting, however large the document is.
   * @returns why the document could not be looked at now
   */
  examine?(input: OperationInput): Promise<readonly GraphQLError[] | undefined>;
  /** @param generation the present one when left out */
  check(input: OperationInput, viewer: Viewer, generation?: Generation): CheckedOperation | readonly GraphQLError[];
  /** Call before `check`, and what it returns when the operation has ended or its stream is open: until then its graph is not retired. */
  enter(): () => void;
  /** Runs a query or mutation exactly as the HTTP door does. */
  execute(input: OperationInput, context: OperationContext): Promise<ExecutionResult>;
}
