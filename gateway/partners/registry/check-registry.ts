import { GraphQLError } from "graphql";
import { type CheckingGraph, checkAgainstGraph } from "./check-against-graph";
import { type DraftOperation, readOperationText, type RegistrationProblem } from "./draft-operation";
import type { RegistryRow, RegistryStore } from "./registry-store";

/** Everything for which operations that are called today could not be called on a graph. */
export interface CheckedRegistry {
  readonly operations: number;
  readonly partners: number;
  readonly problems: readonly RegistrationProblem[];
}

/**
 * Holds every registered operation that can be called, of deprecated versions too, against a graph that is to be served.
 * @param options.partner undefined: all of them
 */
export async function checkRegistry(options: {
  store: Pick<RegistryStore, "read" | "partner">;
  graph: CheckingGraph;
  partner: string | undefined;
  now: Date;
}): Promise<CheckedRegistry> {
  const { store, graph, now } = options;
  if (options.partner !== undefined) await store.partner(options.partner, now);
  const { rows } = await store.read(now);
  const problems: RegistrationProblem[] = [];
  const operations = new Map<string, DraftOperation>();
  for (const row of rows) {
    const { partner, id, body } = row;
    if (body === null || (options.partner !== undefined && partner !== options.partner)) continue;
    const key = `${partner} ${id}`;
    if (operations.has(key)) continue;
    const draft = asDraft(row, body);
    if ("message" in draft) problems.push(draft);
    else operations.set(key, draft);
  }
  const slugs = [...new Set([...operations.values()].map(({ partner }) => partner))];
  const keys = new Map(
    await Promise.all(slugs.map(async (slug) => [slug, (await store.partner(slug, now)).keys] as const)),
  );
  problems.push(...(await checkAgainstGraph(graph, [...operations.values()], (slug) => keys.get(slug) ?? [])));
  return { operations: operations.size, partners: slugs.length, problems };
}

function asDraft(row: RegistryRow, body: string): DraftOperation | RegistrationProblem {
  const { partner, id, name, restMethod, restPath } = row;
  try {
    const read = readOperationText(body);
    if (read) {
      const rest =
        restPath !== null && (restMethod === "GET" || restMethod === "POST")
          ? { method: restMethod, path: restPath }
          : undefined;
      return { partner, id, body, ...read, type: read.definition.operation, rest } as DraftOperation;
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
  }
  return { partner, operation: name, message: "its text is damaged" };
}
