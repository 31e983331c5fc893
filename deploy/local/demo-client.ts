import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import { DEMO_ACCOUNTS } from "../../schema/demo";
import { LogInDocument } from "../../schema/generated/web";
import { ExpectedError } from "./bootstrap/expected-error.cjs";

/** What the small programs printed at start need of a GraphQL client. */
export interface DemoClient {
  readonly token: string;
  /** @throws ExpectedError with what the gateway answered instead of data */
  ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
}

/**
 * Logs in to a running platform as one of its demo accounts.
 *
 * @param url of the gateway, without a path
 */
export async function logInToDemo(url: string, email = DEMO_ACCOUNTS[0]?.email ?? ""): Promise<DemoClient> {
  const account = DEMO_ACCOUNTS.find((each) => each.email === email);
  if (!account) {
    throw new ExpectedError(
      `"${email}" is not a demo account; there are ${DEMO_ACCOUNTS.map((each) => each.email).join(", ")}.`,
    );
  }
  const { logIn } = await ask(url, undefined, LogInDocument, { email, password: account.password });
  if (logIn.__typename !== "AuthPayload") throw new ExpectedError(`${email} cannot log in: ${logIn.message}`);
  const token = logIn.accessToken;
  return { token, ask: (document, variables) => ask(url, token, document, variables) };
}

async function ask<Data, Variables>(
  url: string,
  token: string | undefined,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: print(document), variables }),
  }).catch((cause: Error) => {
    throw new ExpectedError(`Nothing answers at ${url}; is "npm start" running there?`, { cause });
  });
  const { data, errors } = (await response.json()) as { data?: Data | null; errors?: { message: string }[] };
  if (!data)
    throw new ExpectedError(errors?.map(({ message }) => message).join("\n") ?? `HTTP status ${response.status}`);
  return data;
}
