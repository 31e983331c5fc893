import { ApolloServer, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from "@apollo/server";
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { Logger } from "../../kit/log";
import type { AccessControl } from "../access/enforcement/access-control";
import type { Generations } from "../generation";
import type { DocumentChecker } from "../operation/check-document";
import { generationsAsGateway } from "./generations-as-gateway";
import type { GraphqlContext } from "./graphql-context";
import { checkOperations } from "./operation-checks";
import type { PersistedQueryCache } from "./persisted-query-cache";
import { publicError } from "./public-error";
import { PREFLIGHT_HEADERS } from "./read-operation";

export interface GraphqlServer {
  /** @returns the whole answer; never rejects for something a client did */
  answer(request: HTTPGraphQLRequest, context: GraphqlContext): Promise<HTTPGraphQLResponse>;
  close(): Promise<void>;
}

/** Apollo Server, for what it is good at: GraphQL over HTTP, content negotiation, CSRF prevention, automatic persisted queries. */
export async function createGraphqlServer(options: {
  generations: Generations;
  access: AccessControl;
  checker: DocumentChecker;
  persistedQueries: PersistedQueryCache;
  introspection: boolean;
  suggestions: boolean;
  socketPath: string;
  log: Logger;
}): Promise<GraphqlServer> {
  const { generations, access, checker, persistedQueries, introspection, suggestions, socketPath, log } = options;
  const { gateway, generationOf } = generationsAsGateway(generations, access);
  const apollo = new ApolloServer<GraphqlContext>({
    gateway,
    introspection,
    validationOptions: { hideSuggestions: !suggestions },
    includeStacktraceInErrorResponses: false,
    csrfPrevention: { requestHeaders: [...PREFLIGHT_HEADERS] },
    persistedQueries: { cache: persistedQueries },
    // The checker below keeps documents itself.
    documentStore: null,
    stopOnTerminationSignals: false,
    logger: log.child({ library: "@apollo/server" }, { level: "warn" }),
    formatError: publicError,
    plugins: [
      checkOperations({ checker, generationOf, socketPath, log }),
      // Nothing reports to anybody, whatever APOLLO_* variables this environment holds.
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
  });
  await apollo.start();
  return {
    answer: async (request, context) => {
      const leave = generations.enter();
      try {
        return await apollo.executeHTTPGraphQLRequest({
          httpGraphQLRequest: request,
          context: () => Promise.resolve(context),
        });
      } finally {
        leave();
      }
    },
    close: async () => {
      await apollo.stop();
      await persistedQueries.close();
    },
  };
}
