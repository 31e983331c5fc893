import type { ApolloServerPlugin } from "@apollo/server";
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse } from "graphql";
import type { Logger } from "../../kit/log";
import type { Generation } from "../generation";
import { chooseOperation, type DocumentChecker, isRefused, type RefusedDocument } from "../operation/check-document";
import type { GraphqlContext } from "./graphql-context";
import { isUnreported, publicErrors, reportUnexpected } from "./public-error";

/** Stands for a document that is refused before validation; it is never run. */
const REFUSED: DocumentNode = parse("{ __typename }");

/**
 * Puts the gateway's own checks into Apollo Server's pipeline. Documents are parsed, limited and validated before Apollo Server would do so,
 * because its own validation is what a hostile document attacks, and it remembers nothing of what it refuses; a checked document is
 * handed over and not parsed again.
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
      let refusal: RefusedDocument | undefined;
      return Promise.resolve({
        didResolveSource: async (requestContext) => {
          const { supergraph } = generationOf(requestContext.schema);
          const checked = await checker.checkAside(supergraph, requestContext.source);
          if (isRefused(checked)) refusal = checked;
          handOver(requestContext, isRefused(checked) ? REFUSED : checked.document);
        },
        didResolveOperation: async ({ document, request }) => {
          // It takes one error; the rest are put beside it at the end.
          if (refusal) throw refusal.errors[0] ?? new Error("a document was refused without a reason");
          const operation = chooseOperation(document, request.operationName ?? undefined);
          if (operation instanceof GraphQLError) throw operation;
          if (operation.operation === "subscription") {
            throw subscriptionTransportRequired(socketPath);
          }
        },
        willSendResponse: async ({ response, errors, contextValue: { requestId } }) => {
          if (response.body.kind !== "single" || !response.body.singleResult.errors) return;
          const result = response.body.singleResult;
          result.errors = refusal
            ? publicErrors(refusal.errors)
            : result.errors?.map((shown, i) =>
                isUnreported(shown) ? reportUnexpected(shown, errors?.[i], { requestId, log }) : shown,
              );
        },
      });
    },
  };
}

/** A subscription over a transport that carries one answer. */
export const subscriptionTransportRequired = (socketPath: string): GraphQLError =>
  new GraphQLError(
    "Subscriptions are served over WebSocket, with the protocol graphql-transport-ws " +
      `at ${socketPath}, and over HTTP to who accepts text/event-stream or multipart/mixed;subscriptionSpec="1.0".`,
    { extensions: { code: "SUBSCRIPTION_TRANSPORT_REQUIRED", http: { status: 406 } } },
  );

/** Apollo Server parses and validates only when the document is not there yet (requestPipeline.ts); its type says "read only". */
function handOver(requestContext: { readonly document?: DocumentNode }, document: DocumentNode): void {
  (requestContext as { document?: DocumentNode }).document = document;
}
