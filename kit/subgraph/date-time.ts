import { GraphQLDateTime } from "graphql-scalars";

/**
 * The platform's one scalar for a moment: `DateTime`, RFC 3339, a `Date` in resolvers. Name it on each field, `@Field(() => DateTime)`,
 * because TypeGraphQL infers another scalar from the TypeScript type `Date`.
 */
export const DateTime = GraphQLDateTime;
