import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { GraphQLError } from "graphql";
import { createApiKey } from "../../kit/api-key";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { manifestOf, type PartnerGateway, startPartnerGateway } from "./harness/partner-gateway";
import { sendRaw } from "./harness/raw-http";
import { startTestGateway } from "./harness/test-gateway";
import { partnersReady } from "./harness/test-partners";

const SDL = `${federationLink('["@key", "@authenticated"]')}
  enum Shelf { TOP BOTTOM }
  input Note { text: String! shelf: Shelf = TOP }
  type Book { id: ID! title: String! note: String broken: String }
  type Query {
    "One book."
    book(
      "Which one."
      id: ID!
    ): Book
    books(first: Int, shelf: Shelf): [Book!]!
  }
  type Mutation { lend(id: ID!, note: Note): Book! }
`;
const ACME = [
  'query GetBook($id: ID!) @rest(path: "/books/{id}") { book(id: $id) { id title note } }',
  "query ListBooks($first: Int = 2, $shelf: Shelf) { books(first: $first, shelf: $shelf) { id } }",
  "query Partly($id: ID!) { book(id: $id) { id broken } }",
  "mutation Lend($id: ID!, $note: Note) { lend(id: $id, note: $note) { id note } }",
];

describe("registered operations as tools of the Model Context Protocol", () => {
  let library: FakeSubgraph;
  let gateway: PartnerGateway;
  let client: Client;
  let lent = 0;
  const opened: Client[] = [];

  const connect = async (key: string, headers: Readonly<Record<string, string>> = {}): Promise<Client> => {
    const opening = new Client({ name: "agent", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL(`${gateway.url}/partner/v1/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${key}`, ...headers } },
    });
    await opening.connect(transport as Parameters<Client["connect"]>[0]);
    opened.push(opening);
    return opening;
  };
  const callTool = async (
    name: string,
    args: Record<string, unknown>,
    options: { by?: Client; idempotencyKey?: string } = {},
  ): Promise<CallToolResult> => {
    const { by = client, idempotencyKey } = options;
    const _meta = idempotencyKey === undefined ? undefined : { idempotencyKey };
    return (await by.callTool({ name, arguments: args, ...(_meta ? { _meta } : {}) })) as CallToolResult;
  };
  const textOf = ({ content }: CallToolResult) => (content[0]?.type === "text" ? content[0].text : "");

  beforeAll(async () => {
    library = await startFakeSubgraph({
      name: "library",
      sdl: SDL,
      resolvers: {
        Query: {
          book: (_: unknown, { id }: { id: string }) => {
            if (id === "forbidden") throw new GraphQLError("Not this one.", { extensions: { code: "FORBIDDEN" } });
            if (id === "crash") throw new Error("password=hunter2 in /srv/secret.ts");
            return id === "none" ? null : { id, title: `Book ${id}`, note: null };
          },
          books: (_: unknown, { first }: { first: number }) =>
            Array.from({ length: first }, (_one, i) => ({ id: `${i}`, title: "" })),
        },
        Book: {
          broken: () => {
            throw new GraphQLError("Torn.", { extensions: { code: "CONFLICT" } });
          },
        },
        Mutation: {
          lend: (_: unknown, { id, note }: { id: string; note?: { text: string } }) => {
            lent++;
            return { id, title: "", note: note ? `${note.text} ${lent}` : null };
          },
        },
      },
    });
    gateway = await startPartnerGateway({
      subgraphs: [library],
      documents: { acme: ACME, globex: ["query Secret { books(first: 1) { id } }"] },
    });
    client = await connect(gateway.keys["acme"]!);
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
    await gateway?.close();
    await library?.close();
  });

  it("are listed with what they take, what they answer, and whether they change anything", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(["GetBook", "Lend", "ListBooks", "Partly"]);
    const byName = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
    expect(byName["GetBook"]).toMatchObject({
      description: "One book.",
      inputSchema: {
        type: "object",
        properties: { id: { type: "string", description: "Which one." } },
        required: ["id"],
        additionalProperties: false,
      },
      outputSchema: { type: "object", required: ["book"] },
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
    });
    expect(byName["ListBooks"]?.inputSchema.properties?.["first"]).toMatchObject({ default: 2 });
    expect(byName["Lend"]).toMatchObject({
      inputSchema: {
        properties: { idempotencyKey: { type: "string", maxLength: 255 } },
        required: ["id", "idempotencyKey"],
        $defs: { Note: { type: "object", required: ["text"] }, Shelf: { enum: ["TOP", "BOTTOM"] } },
      },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    });
    // Of another partner nothing is told.
    expect(JSON.stringify(tools)).not.toContain("Secret");
  });

  it("answer with data that keeps what the list promised, as text and in structure", async () => {
    // The client checks structured results against the schemas of the list.
    await client.listTools();
    const result = await callTool("GetBook", { id: "7" });
    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toEqual({ book: { id: "7", title: "Book 7", note: null } });
    expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
    expect((await callTool("GetBook", { id: "none" })).structuredContent).toEqual({ book: null });
    expect((await callTool("ListBooks", {})).structuredContent).toEqual({ books: [{ id: "0" }, { id: "1" }] });
  });

  it.each([
    ["a refusal of a service", "GetBook", { id: "forbidden" }, /^FORBIDDEN: Not this one\. \(at book\)$/],
    ["a variable that is missing", "GetBook", {}, /^BAD_USER_INPUT: .*\$id/],
    ["a variable of another type", "ListBooks", { first: "many" }, /^BAD_USER_INPUT: /],
    [
      "an answer that lacks a part",
      "Partly",
      { id: "1" },
      /^CONFLICT: Torn\. \(at book\.broken\)\nWhat could be had: \{"book":\{"id":"1"/,
    ],
    ["a service that crashes", "GetBook", { id: "crash" }, /^INTERNAL_SERVER_ERROR: Unexpected error\./],
  ] as const)("say %s as an error with a code", async (_, name, args, text) => {
    const result = await callTool(name, args);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(text);
    expect(JSON.stringify(result)).not.toMatch(/hunter2|\.ts|stack/);
  });

  it("change things once for each idempotency key of the agent", async () => {
    const before = lent;
    const note = { text: "lent" };
    const first = await callTool("Lend", { id: "1", note }, { idempotencyKey: "one-key" });
    expect(await callTool("Lend", { id: "1", note }, { idempotencyKey: "one-key" })).toEqual(first);
    expect(lent).toBe(before + 1);
    const other = await callTool("Lend", { id: "2", note }, { idempotencyKey: "one-key" });
    expect([other.isError, textOf(other)]).toEqual([true, expect.stringMatching(/^IDEMPOTENCY_KEY_REUSED: /)]);
    // The header holds for a client that sends one message only.
    const byHeader = await connect(gateway.keys["acme"]!, { "idempotency-key": "header-key" });
    await callTool("Lend", { id: "1", note }, { by: byHeader });
    await callTool("Lend", { id: "1", note }, { by: byHeader });
    expect(lent).toBe(before + 2);
  });

  it("take that key among their arguments, and change nothing without one", async () => {
    const before = lent;
    const first = await callTool("Lend", { id: "1", idempotencyKey: "argument-key" });
    expect(first.structuredContent).toMatchObject({ lend: { id: "1" } });
    expect(await callTool("Lend", { id: "1", idempotencyKey: "argument-key" })).toEqual(first);
    expect(lent).toBe(before + 1);
    for (const args of [{}, { idempotencyKey: null }, { idempotencyKey: 7 }, { idempotencyKey: "two words" }]) {
      const refused = await callTool("Lend", { id: "1", ...args });
      expect([refused.isError, textOf(refused)]).toEqual([
        true,
        expect.stringMatching(/^IDEMPOTENCY_KEY_REQUIRED: .*the argument idempotencyKey/),
      ]);
    }
    expect(lent).toBe(before + 1);
    // It is nothing to a tool that only reads.
    expect(textOf(await callTool("GetBook", { id: "1", idempotencyKey: "k" }))).not.toContain("IDEMPOTENCY");
  });

  it("run on generated data for a test key", async () => {
    const key = await gateway.addKey("acme", {}, createApiKey("test"));
    const by = await connect(key);
    await by.listTools();
    const asked = library.received.length;
    expect((await callTool("GetBook", { id: "any" }, { by })).structuredContent).toMatchObject({ book: { id: "any" } });
    expect((await callTool("Lend", { id: "any", idempotencyKey: "t" }, { by })).structuredContent).toMatchObject({
      lend: { id: "any" },
    });
    expect(library.received).toHaveLength(asked);
    const failing = await connect(key, { "tributary-test-scenario": "QUOTA_EXCEEDED" });
    const refused = await callTool("GetBook", { id: "1" }, { by: failing });
    expect(textOf(refused)).toBe("QUOTA_EXCEEDED: The quota is used up. Try again in 30 s.");
  });

  it("are those that the key was made for", async () => {
    const key = await gateway.addKey("acme", { operations: ["GetBook"] });
    const by = await connect(key);
    expect((await by.listTools()).tools.map(({ name }) => name)).toEqual(["GetBook"]);
    await expect(callTool("Lend", { id: "1" }, { by })).rejects.toThrow("There is no such tool.");
  });

  it.each(["Secret", "nothing", "__proto__"])("do not include %j", async (name) => {
    await expect(callTool(name, {})).rejects.toMatchObject({ code: -32602 });
  });

  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${gateway.url}/partner/v1/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${gateway.keys["acme"]}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };

  it("are not shown to who has no valid key", async () => {
    await expect(connect(createApiKey("live").text)).rejects.toThrow();
    const { status, headers } = await post(list, { authorization: "Bearer nothing" });
    expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="partner"']);
  });

  it("keep no session: every message is answered by itself, in JSON", async () => {
    const response = await post(list);
    expect([response.status, response.headers.get("mcp-session-id")]).toEqual([200, null]);
    expect(await response.json()).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
    expect((await post({ jsonrpc: "2.0", method: "notifications/initialized" })).status).toBe(202);
  });

  it.each(["GET", "DELETE", "PUT"])("open and end nothing by %s", async (method) => {
    const response = await fetch(`${gateway.url}/partner/v1/mcp`, {
      method,
      headers: { authorization: `Bearer ${gateway.keys["acme"]}`, accept: "text/event-stream" },
    });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  });

  it.each([
    ["a list of messages", [list, { ...list, id: 2 }], {}, 400],
    ["what is no JSON", "{", {}, 400],
    ["what is no message", { hello: 1 }, {}, 400],
    ["another content type", list, { "content-type": "text/plain" }, 415],
    ["who takes no JSON", list, { accept: "text/html" }, 406],
    ["a version that it does not speak", list, { "mcp-protocol-version": "1999-01-01" }, 400],
    ["a page of another site", list, { origin: "https://evil.example" }, 403],
    [
      "a page of a site that took the name of this host",
      list,
      { origin: "http://rebound.example:4000", host: "rebound.example:4000" },
      403,
    ],
  ])("are refused to %s", async (_, body, headers, status) => {
    const asked = library.received.length;
    const response = await post(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/node_modules|\bat /);
    expect(library.received).toHaveLength(asked);
  });

  /** The status of a message that was sent to a gateway under this name. */
  const statusUnder = async (name: string, port: number): Promise<string | undefined> => {
    const headers = {
      host: name,
      authorization: `Bearer ${gateway.keys["acme"]}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    const exchange = await sendRaw(port, { path: "/partner/v1/mcp", headers, body: JSON.stringify(list) });
    const head = await exchange.head();
    exchange.socket.destroy();
    return head.split(" ")[1];
  };

  it("are refused to a page without an origin whose site's name was pointed to this machine", async () => {
    expect(await statusUnder(`rebound.example:${gateway.port}`, gateway.port)).toBe("403");
    expect(await statusUnder(`localhost:${gateway.port}`, gateway.port)).toBe("200");
  });

  it("are under no name but those given, where some are, and not there where they are turned off", async () => {
    const env = { INTERNAL_SECRET: "an internal secret of 32 characters!", ...gateway.env, HOST: "0.0.0.0" };
    const named = await startTestGateway({ subgraphs: [library], env: { ...env, PARTNER_MCP_HOSTS: "shop.example" } });
    const off = await startTestGateway({ subgraphs: [library], env: { ...env, PARTNER_MCP: "false" } });
    try {
      for (const one of [named, off]) await partnersReady(one);
      expect(await statusUnder("shop.example:443", named.port)).toBe("200");
      expect(await statusUnder("rebound.example", named.port)).toBe("403");
      expect(await statusUnder("localhost", off.port)).toBe("404");
    } finally {
      await named.close();
      await off.close();
    }
  });

  it("are open to a page of this machine, as inspectors are", async () => {
    expect((await post(list, { origin: "http://localhost:6274" })).status).toBe(200);
  });

  it("follow the registry while an agent is connected", async () => {
    const by = await connect(gateway.keys["globex"]!);
    expect((await by.listTools()).tools.map(({ name }) => name)).toEqual(["Secret"]);
    const from = gateway.lines.length;
    await gateway.publish(manifestOf({ globex: ["query Fresh { books(first: 1) { id title } }"] }));
    await gateway.logged("registered operations are served", from);
    expect((await by.listTools()).tools.map(({ name }) => name)).toContain("Fresh");
    expect((await callTool("Fresh", {}, { by })).structuredContent).toEqual({ books: [{ id: "0", title: "" }] });
  });

  it("are refused arguments that are too large or too deep", async () => {
    const call = (args: unknown) => ({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "GetBook", arguments: args },
    });
    expect((await post(call({ id: "x".repeat(3_000_000) }))).status).toBe(413);
    let deep: unknown = "end";
    for (let i = 0; i < 200; i++) deep = [deep];
    const answer = (await (await post(call({ id: deep }))).json()) as { result: CallToolResult };
    expect([answer.result.isError, textOf(answer.result)]).toEqual([
      true,
      expect.stringMatching(/^OPERATION_LIMIT_EXCEEDED: /),
    ]);
  });
});
