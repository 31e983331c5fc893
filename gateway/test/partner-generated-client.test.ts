import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { type PartnerGateway, startPartnerGateway } from "./harness/partner-gateway";

const DOCUMENTS = [
  'query Book($id: ID!) @rest(path: "/books/{id}") { book(id: $id) { id title shelf } }',
  'query Books($first: Int = 2, $after: String) @rest(path: "/books") { books(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
  'query Find($text: String!, $shelves: [Shelf!]) @rest(path: "/find") { find(text: $text, shelves: $shelves) { __typename ... on Book { title } ... on Map { scale } } }',
  'mutation Lend($id: ID!, $to: String!) @rest(path: "/books/{id}/loans") { lend(id: $id, to: $to) { id title } }',
];
const generator = path.resolve(require.resolve("swagger-typescript-api/package.json"), "../dist/cli.mjs");

/** The generator formats what it writes and TypeScript reads the types of browsers: seconds of work on a busy machine. */
const GENERATING_MS = 120_000;

describe("a client generated from openapi.json", () => {
  let library: FakeSubgraph;
  let gateway: PartnerGateway;
  let folder: string;

  beforeAll(async () => {
    library = await startFakeSubgraph({
      name: "library",
      sdl: `${federationLink('["@key"]')}
        enum Shelf { TOP BOTTOM }
        type Book { id: ID! title: String! shelf: Shelf }
        type Map { scale: Int! }
        union Found = Book | Map
        type PageInfo { hasNextPage: Boolean! endCursor: String }
        type BookConnection { nodes: [Book!]! pageInfo: PageInfo! }
        type Query { book(id: ID!): Book books(first: Int, after: String): BookConnection! find(text: String!, shelves: [Shelf!]): [Found!]! }
        type Mutation { lend(id: ID!, to: String!): Book! }`,
      resolvers: {
        Query: {
          book: (_: unknown, { id }: { id: string }) =>
            id === "none" ? null : { id, title: `Book ${id}`, shelf: "TOP" },
          books: () => ({ nodes: [{ id: "1" }], pageInfo: { hasNextPage: true, endCursor: "1" } }),
          find: (_: unknown, { text, shelves }: { text: string; shelves?: string[] }) => [
            { __typename: "Book", title: `${text} ${(shelves ?? []).join("+")}` },
            { __typename: "Map", scale: 7 },
          ],
        },
        Mutation: { lend: (_: unknown, { id, to }: { id: string; to: string }) => ({ id, title: `lent to ${to}` }) },
      },
    });
    gateway = await startPartnerGateway({ subgraphs: [library], documents: { acme: DOCUMENTS } });
    folder = await mkdtemp(path.join(os.tmpdir(), "tributary-client-"));
  });
  afterAll(async () => {
    await gateway?.close();
    await library?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Generates a client in the folder, as a partner would on the command line. @returns its file */
  const generate = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${gateway.keys["acme"]}` };
    const description = await fetch(`${gateway.url}/partner/v1/openapi.json`, { headers });
    const from = path.join(folder, "openapi.json");
    await writeFile(from, await description.text());
    await promisify(execFile)(process.execPath, [generator, "generate", "-p", from, "-o", folder, "-n", "client.ts"]);
    return path.join(folder, "client.ts");
  };

  it(
    "has types that hold, and its calls are answered",
    async () => {
      const file = await generate();
      // It is told not to be checked; here it is.
      await writeFile(file, (await readFile(file, "utf8")).replace("// @ts-nocheck", ""));
      const caller = path.join(folder, "caller.ts");
      await writeFile(caller, CALLER);
      expect(typeErrorsOf([file, caller])).toEqual([]);

      for (const each of [file, caller]) {
        const { outputText } = ts.transpileModule(await readFile(each, "utf8"), {
          compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
        });
        await writeFile(
          each.replace(/\.ts$/, ".cjs"),
          outputText.replace('require("./client")', 'require("./client.cjs")'),
        );
      }
      const { call } = createRequire(caller)("./caller.cjs") as {
        call: (baseUrl: string, key: string) => Promise<unknown>;
      };
      expect(await call(`${gateway.url}/partner/v1`, gateway.keys["acme"] ?? "")).toEqual({
        title: "Book 7",
        onTop: true,
        next: "1",
        found: ["stone TOP+BOTTOM", "1:7"],
        lent: "lent to Ada",
        missing: "NOT_FOUND",
      });
    },
    GENERATING_MS,
  );
});

/** What a partner writes against the client. */
const CALLER = `
  import { Api, Shelf } from "./client";
  export async function call(baseUrl: string, key: string) {
    const api = new Api<string>({ baseUrl, securityWorker: (token) => ({ headers: { authorization: "Bearer " + token } }) });
    api.setSecurityData(key);
    const { data: book } = await api.books.book("7");
    const { data: page } = await api.books.books({ first: 1 });
    const { data: found } = await api.find.find({ text: "stone", shelves: [Shelf.TOP, Shelf.BOTTOM] });
    const { data: lent } = await api.books.lend("7", { to: "Ada" }, { headers: { "Idempotency-Key": "loan-1" } });
    // @ts-expect-error -- a number is no id
    const wrong = () => api.books.book(7);
    // @ts-expect-error -- the field is not asked for
    const absent = () => book.author;
    void [wrong, absent];
    const missing = await api.books.book("none").then(() => "", (failed: { error: { code: string } }) => failed.error.code);
    return {
      title: book.title,
      onTop: book.shelf === Shelf.TOP,
      next: page.pageInfo.endCursor,
      found: found.map((one) => (one.__typename === "Book" ? one.title : "1:" + one.scale)),
      lent: lent.title,
      missing,
    };
  }
`;

function typeErrorsOf(files: readonly string[]): string[] {
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: [],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText, file }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
}
