import { buildSnapshot } from "./registry/build-snapshot";
import { checkSet } from "./registry/check-set";
import { describeProblem } from "./registry/draft-operation";
import type { OperationRegistry, RegisteredOperation } from "./registry/operation-registry";
import { readOperations } from "./registry/read-operations";

export type { OperationRegistry, RegisteredOperation };

/** A manifest that cannot be used; the message says what is wrong with which operation. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/** The operations of a manifest as one active version of each partner. @throws ManifestError with everything that is wrong */
export function readManifest(text: string): OperationRegistry {
  const { operations, problems } = readOperations(text);
  const all = [...problems, ...checkSet(operations)];
  if (all.length > 0) throw new ManifestError(all.map(describeProblem).join("\n"));
  const row = {
    version: 1,
    state: "active",
    publishedAt: new Date(0),
    deprecatedAt: null,
    sunsetAt: null,
    retiredAt: null,
  } as const;
  const rows = operations.map(({ partner, id, name, type, body, rest }) => ({
    ...row,
    partner,
    id,
    name,
    type,
    body,
    restMethod: rest?.method ?? null,
    restPath: rest?.path ?? null,
  }));
  return buildSnapshot(
    { revision: "1", rows, deprecations: [] },
    {
      now: 0,
      onDamaged: ({ partner, name }, reason) => {
        throw new ManifestError(`${partner}, ${name}: ${reason}`);
      },
    },
  );
}
