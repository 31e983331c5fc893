import type { ApolloServerPlugin } from "@apollo/server";
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, type GraphQLSchema, parse } from "graphql";
import type { Logger } from "../../kit/log";
import type { Generation } from "../generation";
import { chooseOperation, type DocumentChecker, isRefused } from "../operation/check-document";
import type { GraphqlContext } from "./graphql-context";
import { isUnreported, publicError } from "./public-error";

/** Stands for a document that is refused before validation; it is never run. */
const REFUSED: DocumentNode = parse("{ __typename }");

/**
 * Puts the gateway's own checks into Apollo Server's pipeline. Documents are parsed, limited and validated before Apollo Server would do so, because its
 * own validation is what a hostile document attacks; a checked document is handed over and not parsed again. A document that fails to
 * parse or to validate is left to Apollo Server, which words those errors.
 */
export function checkOperations(options: {
  checker: DocumentChecker;
  generationOf: (schema: GraphQLSchema) => Generation;
  socketPath: string;
  log: Logger;
}): ApolloServerPlugin<GraphqlContext> {
  const { checker, generationOf, socketPath, log } = options;
  return {
    requestDidStart: () => {
      let refusal: GraphQLError | undefined;
      return Promise.resolve({
        didResolveSource: async (requestContext) => {
          const checked = checker.check(generationOf(requestContext.schema).supergraph, requestContext.source);
          if (isRefused(checked)) {
            if (checked.stage === "limits") refusal = checked.errors[0];
            if (refusal) handOver(requestContext, REFUSED);
          } else {
            handOver(requestContext, checked.document);
          }
        },
        didResolveOperation: async ({ document, request }) => {
          if (refusal) throw refusal;
          const operation = chooseOperation(document, request.operationName ?? undefined);
          if (operation instanceof GraphQLError) throw operation;
          if (operation.operation === "subscription") {
            throw new GraphQLError(
              `Subscriptions are served over WebSocket: connect to ${socketPath} with the protocol "graphql-transport-ws".`,
              { extensions: { code: "SUBSCRIPTION_TRANSPORT_REQUIRED", http: { status: 400 } } },
            );
          }
        },
        willSendResponse: async ({ response, errors, contextValue }) => {
          if (response.body.kind !== "single" || !response.body.singleResult.errors) return;
          response.body.singleResult.errors = response.body.singleResult.errors.map((shown, i) => {
            if (!isUnreported(shown)) return shown;
            const { requestId } = contextValue;
            log.error({ err: errors?.[i], requestId, path: shown.path }, "an operation failed unexpectedly");
            return { ...shown, extensions: { ...shown.extensions, requestId } };
          });
        },
      });
    },
  };
}

/** Apollo Server parses and validates only when the document is not there yet (requestPipeline.ts); its type says "read only". */
function handOver(requestContext: { readonly document?: DocumentNode }, document: DocumentNode): void {
  (requestContext as { document?: DocumentNode }).document = document;
}

/** For results that come by another way than Apollo Server's pipeline, such as a socket. */
export const publicErrors = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
  errors.map((error) => publicError(error.toJSON(), error));
