import type { RestBinding } from "../../../schema/rest-path";
import type { RegisteredOperation } from "../registry/operation-registry";

/** Where `KEY` stands in an example; the page puts the reader's key there, which nobody else ever sees. */
export const KEY_PLACE = "YOUR_KEY";

export interface CallExample {
  readonly label: string;
  readonly text: string;
}

/**
 * One call, in the ways in which partners write it.
 * @param origin such as "https://api.example"
 * @param values examples for the variables
 */
export function callExamples(
  origin: string,
  { id, name, type, body }: Pick<RegisteredOperation, "id" | "name" | "type" | "body">,
  binding: RestBinding,
  values: Readonly<Record<string, unknown>>,
): readonly CallExample[] {
  const isQuery = binding.method === "GET";
  const inPath = new Set([...binding.path.matchAll(/\{(\w+)\}/g)].map(([, variable]) => variable));
  const path = binding.path.replace(/\{(\w+)\}/g, (_, variable: string) =>
    encodeURIComponent(textOf(values[variable])),
  );
  const others = Object.entries(values).filter(([variable]) => !inPath.has(variable));
  const search = isQuery
    ? new URLSearchParams(others.map(([variable, value]): [string, string] => [variable, textOf(value)])).toString()
    : "";
  const url = `${origin}/partner/v1${path}${search === "" ? "" : `?${search}`}`;
  const json = JSON.stringify(Object.fromEntries(others));
  const graphql = JSON.stringify({ documentId: id, variables: values });
  return [
    {
      label: "curl",
      text: [
        `curl ${shell(url)} \\`,
        ...(isQuery
          ? [`  -H 'authorization: Bearer ${KEY_PLACE}'`]
          : [
              `  -H 'authorization: Bearer ${KEY_PLACE}' \\`,
              "  -H 'content-type: application/json' \\",
              '  -H "idempotency-key: $(uuidgen)" \\',
              `  -d ${shell(json)}`,
            ]),
      ].join("\n"),
    },
    {
      label: "fetch",
      text: [
        `const response = await fetch(${JSON.stringify(url)}, {`,
        ...(isQuery ? [] : ['  method: "POST",']),
        "  headers: {",
        `    authorization: "Bearer ${KEY_PLACE}",`,
        ...(isQuery ? [] : ['    "content-type": "application/json",', '    "idempotency-key": crypto.randomUUID(),']),
        "  },",
        ...(isQuery
          ? []
          : [
              `  body: JSON.stringify(${JSON.stringify(Object.fromEntries(others), null, 2).replaceAll("\n", "\n  ")}),`,
            ]),
        "});",
        "const answer = await response.json();",
        "if (!response.ok) throw new Error(`${answer.code}: ${answer.detail}`);",
      ].join("\n"),
    },
    {
      label: "GraphQL by id",
      text: [
        `curl ${shell(`${origin}/partner/v1/graphql`)} \\`,
        `  -H 'authorization: Bearer ${KEY_PLACE}' \\`,
        "  -H 'content-type: application/json' \\",
        ...(isQuery ? [] : ['  -H "idempotency-key: $(uuidgen)" \\']),
        `  -d ${shell(graphql)}`,
      ].join("\n"),
    },
    { label: "Apollo Client", text: apolloClient(origin, { id, name, type, body, values }) },
  ];
}

function apolloClient(
  origin: string,
  of: Pick<RegisteredOperation, "id" | "name" | "type" | "body"> & { readonly values: object },
): string {
  const { id, name, type, body, values } = of;
  const hash = id.replace(/^sha256:/, "");
  const variables = JSON.stringify(values, null, 2).replaceAll("\n", "\n  ");
  const call = type === "query" ? "query({ query:" : "mutate({ mutation:";
  return `import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const ids = { ${name}: "${hash}" };
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: new PersistedQueryLink({
    generateHash: (document) => ids[document.definitions[0].name.value],
  }).concat(
    new HttpLink({
      uri: "${origin}/partner/v1/graphql",
      headers: { authorization: "Bearer ${KEY_PLACE}" },
    }),
  ),
});

const ${name} = gql\`
${body.trimEnd().replace(/^/gm, "  ").replaceAll("`", "\\`")}
\`;
const { data } = await client.${call} ${name},
  variables: ${variables},
  // The cache needs the type names that the registered text does not ask for.
  fetchPolicy: "no-cache",${type === "query" ? "" : '\n  context: { headers: { "idempotency-key": crypto.randomUUID() } },'}
});`;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? ""));
const shell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
