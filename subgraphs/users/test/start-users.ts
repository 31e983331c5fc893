import { randomBytes } from "node:crypto";
import type { DataSource } from "typeorm";
import { createHealth } from "../../../kit/health";
import { newId } from "../../../kit/ids";
import { createLogger } from "../../../kit/log";
import { createMetrics } from "../../../kit/metrics";
import { startSubgraphServer } from "../../../kit/subgraph/start-subgraph-server";
import { createTestDatabase } from "../../../kit/test/postgres-database";
import { askSubgraph, type SubgraphAnswer } from "../../../kit/test/subgraph-client";
import type { Viewer } from "../../../kit/viewer";
import { createLoaders } from "../api/create-loaders";
import { createRoutes } from "../api/routes";
import { createSchema } from "../api/create-schema";
import { createPasswordHasher } from "../domain/password-hasher";
import { type Role, scopesOf } from "../domain/role";
import { createUseCases } from "../domain/use-cases";
import { createLoginAttempts } from "../store/login-attempts";
import { seedDemo } from "../store/seed-demo";
import { createSessionStore } from "../store/session-store";
import { openSigningKey, readJwks } from "../store/signing-keys";
import { createUserStore } from "../store/user-store";
import { openUsersDatabase } from "../store/users-database";

export const SECRET = "the internal secret of this suite, long enough";

export interface TestUsers {
  readonly port: number;
  readonly databaseUrl: string;
  readonly source: DataSource;
  /** What the service takes for the time; change `now` to let time pass. */
  readonly clock: { now: Date };
  ask(query: string, variables?: Record<string, unknown>, viewer?: Viewer): Promise<SubgraphAnswer>;
  close(): Promise<void>;
}

/** The service as main.ts joins it, on a fresh database, without a broker. */
export async function startUsers(options: { demoAllowed?: boolean; seed?: boolean } = {}): Promise<TestUsers> {
  const { demoAllowed = true, seed = false } = options;
  const log = createLogger("users", "silent");
  const testDatabase = await createTestDatabase();
  const database = await openUsersDatabase({ url: testDatabase.url, log });
  const { source } = database;
  const passwords = await createPasswordHasher();
  if (seed) await seedDemo({ source, passwords, log });
  const clock = { now: new Date() };
  const users = createUserStore(source, { onEvent: () => undefined });
  const useCases = createUseCases({
    users,
    sessions: createSessionStore(source, { log, onEvent: () => undefined }),
    attempts: createLoginAttempts(source),
    passwords,
    signingKey: await openSigningKey(source, SECRET, log),
    demoAllowed,
    now: () => clock.now,
  });
  const server = await startSubgraphServer({
    name: "users",
    schema: (await createSchema()).schema,
    internalSecret: SECRET,
    host: "127.0.0.1",
    port: 0,
    log,
    health: createHealth(),
    metrics: createMetrics("users"),
    createLoaders: () => createLoaders(users, useCases),
    routes: createRoutes({ readJwks: () => readJwks(source) }),
  });
  return {
    port: server.port,
    databaseUrl: testDatabase.url,
    source,
    clock,
    ask: (query, variables, viewer) =>
      askSubgraph({
        port: server.port,
        name: "users",
        secret: SECRET,
        query,
        ...(variables ? { variables } : {}),
        ...(viewer ? { viewer } : {}),
      }),
    close: async () => {
      await server.close();
      await database.close();
      await testDatabase.close();
    },
  };
}

export const viewerOf = (userId: string, roles: readonly Role[] = ["CUSTOMER"], sessionId = newId()): Viewer => ({
  kind: "user",
  subject: userId,
  roles,
  scopes: scopesOf(roles),
  sessionId,
});

export const uniqueEmail = (): string => `user-${randomBytes(6).toString("hex")}@example.com`;
export const GOOD_PASSWORD = "correct horse battery";

export const REGISTER = /* GraphQL */ `
  mutation ($input: RegisterInput!) {
    register(input: $input) {
      __typename
      ... on AuthPayload {
        accessToken
        refreshToken
        expiresAt
        user {
          id
          name
        }
      }
      ... on Error {
        code
        message
        path
      }
    }
  }
`;

export const LOG_IN = /* GraphQL */ `
  mutation ($input: LogInInput!) {
    logIn(input: $input) {
      __typename
      ... on AuthPayload {
        accessToken
        refreshToken
        user {
          id
          name
        }
      }
      ... on Error {
        code
        message
        path
      }
      ... on TooManyAttemptsError {
        retryAfterSeconds
      }
    }
  }
`;

export const REFRESH = /* GraphQL */ `
  mutation ($token: String!) {
    refresh(input: { refreshToken: $token }) {
      __typename
      ... on AuthPayload {
        accessToken
        refreshToken
        user {
          id
        }
      }
      ... on Error {
        code
        path
      }
    }
  }
`;

export interface Payload {
  readonly __typename: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
  readonly user: { readonly id: string; readonly name: string };
  readonly code: string;
  readonly message: string;
  readonly path: string[] | null;
  readonly retryAfterSeconds: number;
}

/** The value of the answer's only field. @throws when the answer carries errors */
export function only<T = Payload>({ data, errors, status }: SubgraphAnswer): T {
  if (errors || !data) throw new Error(`${status}: ${JSON.stringify(errors)}`);
  return Object.values(data)[0] as T;
}

/** Registers someone new. */
export async function registerSomeone(users: TestUsers): Promise<Payload & { email: string }> {
  const email = uniqueEmail();
  const input = { email, password: GOOD_PASSWORD, name: "Some One" };
  const payload = only(await users.ask(REGISTER, { input }));
  return { ...payload, email };
}
