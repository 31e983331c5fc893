import type { PublishedSet } from "../publish-operations";
import type { StoredPartner } from "../registry-store";

/** Versions of a partner, the newest first, for programs. A state is that of now: what is past its sunset is retired. */
export const describePartner = ({ slug, versions, deprecations }: StoredPartner, now: Date) => ({
  partner: slug,
  versions: versions.map(({ operations, state, sunsetAt, ...version }) => ({
    ...version,
    state: state === "deprecated" && sunsetAt !== null && sunsetAt <= now ? "retired" : state,
    sunsetAt,
    operations: operations.map(({ rest, ...operation }) => ({ ...operation, rest: rest ?? null })),
  })),
  deprecations,
});

/** What became, or would become, of each partner's operations. `sameAs`: the version that holds the same already. */
export const describePublished = (sets: readonly PublishedSet[], options: { isDryRun: boolean; state: string }) =>
  sets.map(({ partner, version, sameAs, difference }) => ({
    partner,
    version: version ?? null,
    sameAs: sameAs ?? null,
    state: version === undefined ? null : options.state,
    isDryRun: options.isDryRun,
    ...difference,
  }));
