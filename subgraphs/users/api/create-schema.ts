import "reflect-metadata";
import type { GraphQLSchema } from "graphql";
import { buildSubgraph } from "../../../kit/subgraph/build-subgraph";
import { SessionResolver } from "./session-resolver";
import { resolveUserReference } from "./user-reference";
import { UserResolver } from "./user-resolver";

/** The subgraph's schema. No I/O: resolvers find what they need on the context (`UsersContext`). */
export const createSchema = (): Promise<{ schema: GraphQLSchema; sdl: string }> =>
  buildSubgraph({
    resolvers: [UserResolver, SessionResolver],
    imports: ["@key", "@shareable", "@authenticated", "@requiresScopes"],
    references: { User: resolveUserReference },
  });
