import { createHash } from "node:crypto";
import { parse, print } from "graphql";
import { takeRestDirective } from "../../../schema/take-rest-directive";
import type { FakeSubgraph } from "./fake-subgraph";
import { startTestGateway, type TestGateway } from "./test-gateway";
import { createTestPartners, partnersReady, type TestPartners } from "./test-partners";

/** Documents of partners as a manifest; their paths are declared in them. */
export function manifestOf(documents: Readonly<Record<string, readonly string[]>>): string {
  const operations = Object.entries(documents).flatMap(([clientName, texts]) =>
    texts.map((text) => {
      const { document, path: restPath } = takeRestDirective(parse(text));
      const [, type = "", name = ""] = /(query|mutation|subscription) (\w+)/.exec(text) ?? [];
      // As it stands where nothing is taken out: its hash is what the client sends.
      const body = restPath === undefined ? text : print(document);
      const rest =
        restPath === undefined ? {} : { rest: { method: type === "query" ? "GET" : "POST", path: restPath } };
      return { id: createHash("sha256").update(body).digest("hex"), name, type, body, clientName, ...rest };
    }),
  );
  return JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations });
}

export interface PartnerGateway extends TestGateway {
  /** The API key of each partner. */
  readonly keys: Readonly<Record<string, string>>;
  /** Another gateway with these settings has the same partners. */
  readonly env: TestPartners["env"];
  readonly addKey: TestPartners["addKey"];
  readonly publish: TestPartners["publish"];
}

/** A gateway with the partner API, on a database of its own that knows one key of each partner. */
export async function startPartnerGateway(options: {
  subgraphs: readonly FakeSubgraph[];
  documents: Readonly<Record<string, readonly string[]>>;
}): Promise<PartnerGateway> {
  const partners = await createTestPartners(Object.keys(options.documents));
  await partners.publish(manifestOf(options.documents));
  const gateway = await startTestGateway({
    subgraphs: options.subgraphs,
    env: {
      INTERNAL_SECRET: "an internal secret of 32 characters!",
      ...partners.env,
    },
  });
  await partnersReady(gateway);
  return {
    ...gateway,
    keys: partners.keys,
    env: partners.env,
    addKey: partners.addKey,
    publish: partners.publish,
    close: async () => {
      await gateway.close();
      await partners.close();
    },
  };
}
