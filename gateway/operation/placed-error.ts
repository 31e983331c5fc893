import { GraphQLError, type GraphQLFormattedError } from "graphql";

/** An error whose places are given as they are: one that finds its own counts the lines of the document. */
export const placedError = ({ message, locations, path, extensions }: GraphQLFormattedError): GraphQLError =>
  Object.assign(new GraphQLError(message, { path, extensions }), { locations });
