import { GraphQLError } from "graphql";
import { ClientError, type ErrorCode } from "../../../kit/errors";

export const typedError = (code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) =>
  new GraphQLError(message, { extensions: { ...details, code } });

export const fromClientError = ({ code, message, details }: ClientError) => typedError(code, message, details);
