import type { DataSource } from "typeorm";
import type { Logger } from "../../../kit/log";
import { DEMO_PARTNER } from "../../../schema/demo";
import { readRepositoryFile } from "../../../schema/repository";
import { compareSets, isSame } from "../registry/compare-sets";
import { readOperations } from "../registry/read-operations";
import { RegistryError } from "../registry/registry-store";
import { createRegistryStore } from "./create-registry-store";

/** What `npm run operations` makes. */
const MANIFEST = "schema/operations/partners/manifest.json";
const SUNSET_MS = 90 * 86_400_000;

/**
 * Publishes the demo partner's manifest, when no version of that partner holds just this: what was rolled back or published since stays as it is.
 * The manifest was checked against the schema when it was made.
 */
export async function seedDemoOperations(options: { source: DataSource; log: Logger; now?: Date }): Promise<void> {
  const { source, log, now = new Date() } = options;
  const store = createRegistryStore(source);
  const { slug } = DEMO_PARTNER;
  try {
    const { operations } = readOperations(readRepositoryFile(MANIFEST), { partner: slug });
    const { versions } = await store.partner(slug, now);
    if (operations.length === 0 || versions.some((one) => isSame(compareSets(one.operations, operations)))) return;
    const version = await store.publish(
      slug,
      {
        operations,
        state: "active",
        author: "demo",
        note: "",
        sunsetAt: new Date(now.getTime() + SUNSET_MS),
        after: versions[0]?.number ?? 0,
      },
      now,
    );
    log.info({ partner: slug, version }, "published the demo partner's operations");
  } catch (error) {
    // Another gateway was first, or somebody took the demo partner away.
    if (!(error instanceof RegistryError)) throw error;
    log.debug({ reason: error.message }, "the demo partner's operations stay as they are");
  }
}
