import { createHash } from "node:crypto";
import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from "graphql";
import { z } from "zod";
import { checkRestBinding, methodOf } from "../../schema/check-rest-binding";
import { type RestBinding, restConflict } from "../../schema/rest-path";
import { canonicalId } from "./operation-id";

/** One operation that a partner may run. */
export interface RegisteredOperation {
  /** Canonical: `sha256:<64 hex digits>` for a hash, otherwise as it was registered. */
  readonly id: string;
  readonly name: string;
  readonly type: "query" | "mutation" | "subscription";
  readonly body: string;
  /** The text, parsed, and the one operation in it. */
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** Below `/partner/v1`: the path that the operation declares, otherwise `/ops/<name>`. A subscription has none. */
  readonly rest: RestBinding | undefined;
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
      // An extension of ours: where the operation is found over plain HTTP.
      rest: z.object({ method: z.enum(["GET", "POST"]), path: z.string() }).optional(),
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
  for (const { id, name, type, body, clientName, rest } of parsed.operations) {
    const canonical = canonicalId(id);
    if (!canonical) throw new ManifestError(`The operation ${name} of ${clientName} has an id that cannot be used.`);
    const hash = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (canonical.startsWith("sha256:") && canonical !== hash) {
      throw new ManifestError(`The operation ${name} of ${clientName} has an id that is not the hash of its text.`);
    }
    const own = byPartner.get(clientName) ?? new Map<string, RegisteredOperation>();
    byPartner.set(clientName, own);
    if (own.has(canonical)) throw new ManifestError(`${clientName} has two operations with the id of ${name}.`);
    const { document, definition } = readOperation({ name, type, body, clientName });
    const [reason] = rest ? checkRestBinding(definition, rest) : [];
    if (reason !== undefined) throw new ManifestError(`The operation ${name} of ${clientName}: ${reason}.`);
    const operation = { id: canonical, name, type, body, document, definition, rest: rest ?? ownPath(type, name) };
    for (const other of own.values()) {
      if (other.name === name) throw new ManifestError(`${clientName} has two operations named ${name}.`);
      const conflict = rest && other.rest && restConflict(rest, other.rest);
      if (conflict) throw new ManifestError(`${clientName}: ${name} and ${other.name}: ${conflict}.`);
    }
    own.set(canonical, Object.freeze(operation));
  }
  return {
    find: (partner, id) => byPartner.get(partner)?.get(id),
    ofPartner: (partner) => [...(byPartner.get(partner)?.values() ?? [])],
    partners: [...byPartner.keys()],
    size: parsed.operations.length,
  };
}

/** @throws ManifestError unless the text holds one operation, and that under this name */
function readOperation(given: { name: string; type: RegisteredOperation["type"]; body: string; clientName: string }) {
  const { name, type, body, clientName } = given;
  let document: DocumentNode;
  try {
    document = parse(body, { noLocation: true });
  } catch (cause) {
    throw new ManifestError(`The operation ${name} of ${clientName} is not GraphQL.`, { cause });
  }
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [definition] = operations;
  if (operations.length !== 1 || definition?.name?.value !== name || definition.operation !== type) {
    throw new ManifestError(`The text of ${name} of ${clientName} is not one ${type} with this name.`);
  }
  return { document, definition };
}

const ownPath = (type: RegisteredOperation["type"], name: string): RestBinding | undefined =>
  type === "subscription" ? undefined : { method: methodOf(type), path: `/ops/${name}` };
