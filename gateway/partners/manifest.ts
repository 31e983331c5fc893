import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalId } from "./operation-id";

/** One operation that a partner may run. */
export interface RegisteredOperation {
  /** Canonical: `sha256:<64 hex digits>` for a hash, otherwise as it was registered. */
  readonly id: string;
  readonly name: string;
  readonly type: "query" | "mutation" | "subscription";
  readonly body: string;
}

/** The operations of every partner. */
export interface OperationRegistry {
  find(partner: string, id: string): RegisteredOperation | undefined;
  ofPartner(partner: string): readonly RegisteredOperation[];
  /** Slugs of the partners that have operations, in the order of the manifest. */
  readonly partners: readonly string[];
  readonly size: number;
}

/** A manifest that cannot be used; the message says what is wrong with which operation. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

// https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format
const manifestShape = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      type: z.enum(["query", "mutation", "subscription"]),
      body: z.string(),
      clientName: z.string(),
    }),
  ),
});

/** @param text a persisted-query manifest in which `clientName` is the partner's slug @throws ManifestError */
export function readManifest(text: string): OperationRegistry {
  let parsed: z.output<typeof manifestShape>;
  try {
    parsed = manifestShape.parse(JSON.parse(text));
  } catch (cause) {
    throw new ManifestError("The partners' manifest is not an Apollo persisted-query manifest, version 1.", { cause });
  }
  const byPartner = new Map<string, Map<string, RegisteredOperation>>();
  for (const { id, name, type, body, clientName } of parsed.operations) {
    const canonical = canonicalId(id);
    if (!canonical) throw new ManifestError(`The operation ${name} of ${clientName} has an id that cannot be used.`);
    const hash = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (canonical.startsWith("sha256:") && canonical !== hash) {
      throw new ManifestError(`The operation ${name} of ${clientName} has an id that is not the hash of its text.`);
    }
    const own = byPartner.get(clientName) ?? new Map<string, RegisteredOperation>();
    byPartner.set(clientName, own);
    if (own.has(canonical)) throw new ManifestError(`${clientName} has two operations with the id of ${name}.`);
    own.set(canonical, Object.freeze({ id: canonical, name, type, body }));
  }
  return {
    find: (partner, id) => byPartner.get(partner)?.get(id),
    ofPartner: (partner) => [...(byPartner.get(partner)?.values() ?? [])],
    partners: [...byPartner.keys()],
    size: parsed.operations.length,
  };
}
