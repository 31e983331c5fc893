import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import type { OperationTool } from "./create-tool-catalogue";
import { takeKeyArgument } from "./key-argument";

const INFO = { name: "tributary-partner-api", version: "1" };
const INSTRUCTIONS =
  "Each tool is one reviewed operation. A result is whole or it is an error that begins with a code. " +
  "A tool that changes something needs a key, a text of your own: sent again with the same key and arguments, it answers what it answered first and changes nothing twice.";

/** A call of a tool. @param idempotencyKey as the agent gave it */
export type RunTool = (
  tool: OperationTool,
  sent: { readonly variables: Readonly<Record<string, unknown>>; readonly idempotencyKey: string | undefined },
) => Promise<CallToolResult>;

/**
 * Answers one message, and keeps nothing of it: whichever gateway the next one comes to can answer that.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 *
 * @param request of HTTP, whose body was read
 */
export async function answerMessage(
  request: Request,
  body: unknown,
  { tools, run, onError }: { tools: readonly OperationTool[]; run: RunTool; onError: (error: Error) => void },
): Promise<Response> {
  const server = new Server(INFO, { capabilities: { tools: {} }, instructions: INSTRUCTIONS });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(({ tool }) => tool) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const found = tools.find(({ tool }) => tool.name === params.name);
    if (!found) throw new McpError(ErrorCode.InvalidParams, "There is no such tool.");
    const { variables, key: argument } = takeKeyArgument(found.operation, params.arguments ?? {});
    const key = params._meta?.["idempotencyKey"];
    return run(found, { variables, idempotencyKey: typeof key === "string" ? key : argument });
  });
  server.onerror = onError;
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  try {
    return await transport.handleRequest(request, { parsedBody: body });
  } finally {
    await server.close();
  }
}
