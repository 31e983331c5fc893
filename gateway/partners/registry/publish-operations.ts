import type { GraphQLSchema } from "graphql";
import { type CheckingGraph, checkAgainstGraph } from "./check-against-graph";
import { checkSet } from "./check-set";
import { compareSets, describeDifference, isSame, type SetDifference } from "./compare-sets";
import { describeProblem, type DraftOperation, type RegistrationProblem } from "./draft-operation";
import type { ReadOperations } from "./read-operations";
import { RegistryError, type RegistryStore, type StoredPartner } from "./registry-store";

/** Operations that cannot be registered; `problems` has every one. */
export class RegistrationError extends Error {
  override readonly name = "RegistrationError";

  constructor(
    readonly problems: readonly RegistrationProblem[],
    heading = "The operations cannot be registered:",
  ) {
    super(`${heading}\n${problems.map((problem) => `  - ${describeProblem(problem)}`).join("\n")}`);
  }
}

export interface PublishedSet {
  readonly partner: string;
  /** Undefined: nothing was written. */
  readonly version: number | undefined;
  /** The version that holds the same already. */
  readonly sameAs: number | undefined;
  /** What becomes of each operation, and what of the schema it uses that is deprecated. */
  readonly lines: readonly string[];
  readonly difference: SetDifference;
}

/** One partner's part of what is published. */
interface PartnersSet {
  readonly partner: StoredPartner;
  readonly operations: readonly DraftOperation[];
}

/**
 * Checks operations and publishes them as a version of each partner that they belong to; nothing is written while anything is wrong with any of them.
 * @param options.dryRun only says what would change
 * @throws RegistrationError with everything that is wrong; RegistryError when somebody else published in between
 */
export async function publishOperations(options: {
  store: Pick<RegistryStore, "partner" | "textsOf" | "publish">;
  graph: CheckingGraph;
  read: ReadOperations;
  state: "active" | "pending";
  author: string;
  note: string;
  sunsetAt: Date;
  dryRun: boolean;
  now: Date;
}): Promise<readonly PublishedSet[]> {
  const { store, graph, read, now, dryRun, ...version } = options;
  const problems: RegistrationProblem[] = [...read.problems, ...checkSet(read.operations)];
  if (read.operations.length === 0 && problems.length === 0) problems.push({ message: "the file has none" });

  const sets: PartnersSet[] = [];
  for (const slug of new Set(read.operations.map(({ partner }) => partner))) {
    const operations = read.operations.filter(({ partner }) => partner === slug);
    try {
      const partner = await store.partner(slug, now);
      sets.push({ partner, operations });
      problems.push(...retiredNames(partner, operations, now));
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      problems.push({ partner: slug, message: "there is no such partner" });
    }
    problems.push(...(await otherTexts(store, slug, operations)));
  }
  const keysOf = (slug: string) => sets.find(({ partner }) => partner.slug === slug)?.partner.keys ?? [];
  problems.push(...(await checkAgainstGraph(graph, read.operations, keysOf)));
  if (problems.length > 0) throw new RegistrationError(problems);

  const published: PublishedSet[] = [];
  for (const set of sets) {
    const { lines, difference, sameAs, after } = compare(set, version.state, graph.apiSchema);
    const isWritten = !dryRun && sameAs === undefined;
    const number = isWritten
      ? await store.publish(set.partner.slug, { ...version, operations: set.operations, after }, now)
      : undefined;
    published.push({ partner: set.partner.slug, version: number, sameAs, lines, difference });
  }
  return published;
}

/** With what is active; a version that is to wait also with the one that waits already. */
function compare(
  { partner: { versions, deprecations }, operations }: PartnersSet,
  state: "active" | "pending",
  schema: GraphQLSchema,
) {
  const active = versions.find((version) => version.state === "active");
  const difference = compareSets(active?.operations ?? [], operations);
  const candidates = [active, ...(state === "pending" ? [versions.find((one) => one.state === "pending")] : [])];
  const going = deprecations.filter(({ name }) => operations.some((one) => one.name === name));
  const same = candidates.find((version) => version && isSame(compareSets(version.operations, operations)));
  return {
    lines: [
      ...describeDifference(difference, operations, schema),
      ...going.map(({ name, sunsetAt }) => `deprecated ${name}: it goes on ${sunsetAt.toISOString().slice(0, 10)}`),
    ],
    difference,
    sameAs: same?.number,
    after: versions[0]?.number ?? 0,
  };
}

/** What is published under a name that went would not be called by anybody. */
const retiredNames = (
  { slug: partner, deprecations }: StoredPartner,
  operations: readonly DraftOperation[],
  now: Date,
): RegistrationProblem[] =>
  deprecations
    .filter(({ name, sunsetAt }) => sunsetAt <= now && operations.some((one) => one.name === name))
    .map(({ name: operation, sunsetAt }) => {
      const day = sunsetAt.toISOString().slice(0, 10);
      return {
        partner,
        operation,
        message: `it was retired by itself on ${day}; take that back by operations deprecate --cancel, or leave it out`,
      };
    });

/** Clients that are out there keep an id: it must not mean something else one day. */
async function otherTexts(
  store: Pick<RegistryStore, "textsOf">,
  partner: string,
  operations: readonly DraftOperation[],
): Promise<RegistrationProblem[]> {
  const texts = await store.textsOf(
    partner,
    operations.map(({ id }) => id),
  );
  return operations.flatMap(({ id, name: operation, body }) => {
    const known = texts.get(id);
    if (known === undefined || known === body) return [];
    return [{ partner, operation, message: `its id "${id}" stands for another text already; give it another id` }];
  });
}
