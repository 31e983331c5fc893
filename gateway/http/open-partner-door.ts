import path from "node:path";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "../../kit/log";
import type { Shutdown } from "../../kit/shutdown";
import { throughStages } from "../partners/calls/call";
import { createKeyChecker } from "../partners/create-key-checker";
import { readManifest } from "../partners/manifest";
import { serveFile } from "../supergraph/serve-file";
import type { GraphqlServer } from "./create-graphql-server";
import { runOnGraph } from "./partner-call";
import { createPartnerRoutes, type PartnerRoutes } from "./partner-routes";

/**
 * The partner API with its manifest, which is watched like the supergraph, and its keys.
 * @throws ManifestError or UnreadableFileError
 */
export async function openPartnerDoor(options: {
  partners: { keysUrl: string; manifestFile: string; keyPepper: string; internalSecret: string };
  /** Production knows no demo keys: their text is public. */
  isProduction: boolean;
  maxBodyBytes: number;
  graphql: GraphqlServer;
  /** The API schema of the graph that is served now. */
  schema: () => GraphQLSchema;
  own: Pick<Shutdown, "add">;
  log: Logger;
}): Promise<PartnerRoutes> {
  const { partners, isProduction, maxBodyBytes, graphql, schema, own, log } = options;
  const manifest = own.add(
    "manifest",
    await serveFile({
      file: path.resolve(partners.manifestFile),
      what: "manifest",
      build: (text) => Promise.resolve(readManifest(text)),
      log,
    }),
  );
  const { keysUrl: url, keyPepper: pepper, internalSecret } = partners;
  const keys = own.add("keys", createKeyChecker({ url, pepper, internalSecret, allowDemo: !isProduction }));
  const run = throughStages([], runOnGraph(graphql));
  return createPartnerRoutes({ run, keys, registry: manifest.current, schema, maxBodyBytes, log });
}
