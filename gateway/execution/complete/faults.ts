import { GraphQLError } from "graphql";

/** What a client is told of a null for which no subgraph has given a reason. */

export const valueInvalid = () =>
  new GraphQLError("The service behind this field gave a value that does not fit the schema.", {
    extensions: { code: "SUBGRAPH_RESPONSE_INVALID" },
  });

export const nullUnexpected = () =>
  new GraphQLError("The service behind this field gave null where the schema allows none.", {
    extensions: { code: "SUBGRAPH_RESPONSE_INVALID" },
  });

export const entityUnknown = () =>
  new GraphQLError("The service behind this field does not know the entity that another one refers to.", {
    extensions: { code: "ENTITY_NOT_FOUND" },
  });
