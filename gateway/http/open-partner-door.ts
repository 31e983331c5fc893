import path from "node:path";
import type { GraphQLSchema } from "graphql";
import type { Health } from "../../kit/health";
import type { Logger } from "../../kit/log";
import type { Shutdown } from "../../kit/shutdown";
import { type RunCall, throughStages } from "../partners/calls/call";
import { createKeyChecker } from "../partners/keys/create-key-checker";
import { refuseOtherOperations } from "../partners/keys/refuse-other-operations";
import { refuseTestKeys } from "../partners/keys/refuse-test-keys";
import { readManifest } from "../partners/manifest";
import { createKeyStore } from "../partners/store/create-key-store";
import { openPartnerStores } from "../partners/store/open-partner-stores";
import { serveFile } from "../supergraph/serve-file";
import { createPartnerRoutes, type PartnerRoutes } from "./partner-routes";

/**
 * The partner API with its manifest, which is watched like the supergraph, and its database, which may be away: calls are refused then.
 * @throws ManifestError or UnreadableFileError
 */
export async function openPartnerDoor(options: {
  partners: { databaseUrl: string; manifestFile: string; keyPepper: string; seedDemo: boolean };
  /** Production knows no demo keys: their text is public. */
  isProduction: boolean;
  maxBodyBytes: number;
  /** Runs what passed the stages. */
  graph: RunCall;
  /** The API schema of the graph that is served now. */
  schema: () => GraphQLSchema;
  health: Pick<Health, "require">;
  own: Pick<Shutdown, "add">;
  log: Logger;
}): Promise<PartnerRoutes> {
  const { partners, isProduction, maxBodyBytes, graph, schema, health, own, log } = options;
  const manifest = own.add(
    "manifest",
    await serveFile({
      file: path.resolve(partners.manifestFile),
      what: "manifest",
      build: (text) => Promise.resolve(readManifest(text)),
      log,
    }),
  );
  const stores = own.add("partner stores", openPartnerStores({ ...partners, url: partners.databaseUrl, log }));
  // Of use only since then; a database that goes away later takes no door but this one with it.
  health.require("partners", stores.isOpen);
  const { source } = stores;
  const { keyPepper: pepper } = partners;
  const keys = createKeyChecker({ keys: createKeyStore(source), pepper, allowDemo: !isProduction });
  const stages = [refuseOtherOperations, refuseTestKeys];
  const run = throughStages(stages, graph);
  return createPartnerRoutes({ run, keys, registry: manifest.current, schema, maxBodyBytes, log });
}
