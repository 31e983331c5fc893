import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parse, print } from "graphql";
import { createApiKey, hashApiKey } from "../../../kit/api-key";
import { listen } from "../../../kit/http/listen";
import { respondJson } from "../../../kit/http/respond";
import { takeRestDirective } from "../../../schema/take-rest-directive";
import type { FakeSubgraph } from "./fake-subgraph";
import { startTestGateway, type TestGateway } from "./test-gateway";

const PEPPER = "a pepper that has 32 characters..";

/** Documents of partners as a manifest; their paths are declared in them. */
export function manifestOf(documents: Readonly<Record<string, readonly string[]>>): string {
  const operations = Object.entries(documents).flatMap(([clientName, texts]) =>
    texts.map((text) => {
      const { document, path: restPath } = takeRestDirective(parse(text));
      const [, type = "", name = ""] = /(query|mutation|subscription) (\w+)/.exec(text) ?? [];
      const body = print(document);
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
}

/** A gateway with the partner API, and an owner of keys that knows one of each partner. */
export async function startPartnerGateway(options: {
  subgraphs: readonly FakeSubgraph[];
  documents: Readonly<Record<string, readonly string[]>>;
}): Promise<PartnerGateway> {
  const keys = Object.keys(options.documents).map((slug) => ({ slug, key: createApiKey("live") }));
  const owner = await listen(
    (req, res) => {
      const found = keys.find(({ key }) => req.url?.endsWith(`/${key.id}`));
      if (!found) return respondJson(res, 404, {});
      const { slug, key } = found;
      respondJson(res, 200, {
        keyId: key.id,
        partnerId: slug,
        partnerSlug: slug,
        name: slug,
        hash: hashApiKey(key, PEPPER),
        scopes: [],
        expiresAt: null,
        revokedAt: null,
        demo: false,
      });
    },
    { port: 0, host: "127.0.0.1", drainMs: 0 },
  );
  const folder = await mkdtemp(path.join(os.tmpdir(), "tributary-partners-"));
  const file = path.join(folder, "manifest.json");
  await writeFile(file, manifestOf(options.documents));
  const gateway = await startTestGateway({
    subgraphs: options.subgraphs,
    env: {
      INTERNAL_SECRET: "an internal secret of 32 characters!",
      PARTNER_KEYS_URL: `http://127.0.0.1:${owner.port}/keys`,
      PARTNER_MANIFEST: file,
      PARTNER_KEY_PEPPER: PEPPER,
    },
  });
  return {
    ...gateway,
    keys: Object.fromEntries(keys.map(({ slug, key }) => [slug, key.text])),
    close: async () => {
      await gateway.close();
      await owner.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
