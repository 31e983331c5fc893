import { GraphQLError } from "graphql";
import type { ClientError, ErrorCode } from "../../kit/errors";

/** The planner's thread has too much to do; what it has planned goes on. */
const OVERLOAD: ErrorCode = "SERVICE_UNAVAILABLE";
const BAD = Object.freeze({ status: 400 });
const UNAVAILABLE = Object.freeze({ status: 503, headers: new Map([["retry-after", "1"]]) });

/** The error of an operation that is refused as a whole, with the status of its answer: 503 where another time may be better, else 400. */
export const refusalError = ({ message, code, details }: ClientError): GraphQLError =>
  new GraphQLError(message, { extensions: { ...details, code, http: code === OVERLOAD ? UNAVAILABLE : BAD } });
