import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import path from "node:path";
import type { Environment } from "../../../../kit/config";
import type { Logger } from "../../../../kit/log";
import type { loadSupergraph } from "../../../supergraph/load-supergraph";
import type { CheckingGraph } from "../check-against-graph";
import { checkRegistry } from "../check-registry";
import { publishOperations, RegistrationError } from "../publish-operations";
import { readOperations } from "../read-operations";
import { RegistryError, type RegistryStore } from "../registry-store";
import { loadCheckingGraph } from "./load-checking-graph";
import type { CommandResult } from "../../command/command";
import { describePartner, describePublished } from "./describe-registry";
import { printOperations, printPartner, printPublished } from "./print-registry";
import { readArguments, USAGE } from "./read-arguments";

/** What `npm run operations` writes. */
const MANIFEST = "schema/operations/partners/manifest.json";

interface Options {
  argv: readonly string[];
  env: Environment;
  /** Asked for when the arguments can be used. */
  openStore: () => Promise<RegistryStore>;
  log: Logger;
  load?: typeof loadSupergraph;
  now?: Date;
}

/**
 * The commands below `operations`.
 * @param options.argv what follows `operations`
 * @param options.env the environment of the gateway: its limits, rules and supergraph are those that are checked
 * @returns what is printed
 * @throws RegistryError, RegistrationError, ConfigError or SupergraphError, each with sentences for whoever asked
 */
export async function runOperations(options: Options): Promise<string> {
  const { now = new Date() } = options;
  if (options.argv[0] === "help" || options.argv.includes("--help")) return USAGE;
  const given = readArguments(options.argv, now);
  const { text, json } = await run(given, { ...options, now });
  return given.json ? JSON.stringify(json, undefined, 2) : text;
}

async function run(given: ReturnType<typeof readArguments>, options: Options & { now: Date }): Promise<CommandResult> {
  const { now } = options;
  const store = await options.openStore();
  const { command, partner = "", version = 0, sunsetAt, name = "" } = given;
  switch (command) {
    case "list": {
      const slugs = given.partner === undefined ? await store.slugs() : [given.partner];
      const partners = await Promise.all(slugs.map((slug) => store.partner(slug, now)));
      return {
        text: partners.map((one) => printPartner(one, now)).join("\n") || "There are no partners.",
        json: partners.map((one) => describePartner(one, now)),
      };
    }
    case "show":
      return show(store, given, now);
    case "publish": {
      const isDryRun = given["dry-run"] === true;
      const state = given.pending ? "pending" : "active";
      const read = readOperations(await readManifest(given.file ?? MANIFEST), { partner: given.partner });
      const sets = await onGraph({ ...options, source: given.supergraph }, (graph) =>
        publishOperations({
          store,
          graph,
          read,
          state,
          author: given.author ?? userInfo().username,
          note: given.note ?? "",
          sunsetAt,
          dryRun: isDryRun,
          now,
        }),
      );
      return { text: printPublished(sets, { isDryRun, state }), json: describePublished(sets, { isDryRun, state }) };
    }
    case "activate":
      await store.activate(partner, version, sunsetAt, now);
      return { text: `Version ${version} of ${partner} is active.`, json: { partner, version, state: "active" } };
    case "deprecate": {
      if (given.cancel) {
        await store.undeprecate(partner, name);
        return { text: `${name} of ${partner} is no longer deprecated.`, json: { partner, name, sunsetAt: null } };
      }
      const successor = given.successor ?? null;
      await store.deprecate(partner, { name, sunsetAt, successor }, now);
      return {
        text: `${name} of ${partner} is deprecated until ${sunsetAt.toISOString()}.`,
        json: { partner, name, sunsetAt, successor },
      };
    }
    case "retire":
      await store.retire(partner, version, now);
      return { text: `Version ${version} of ${partner} is retired.`, json: { partner, version, state: "retired" } };
    case "rollback": {
      const active = await store.rollBack(partner, given.version, now);
      const json = { partner, version: active, state: "active" };
      return { text: `Version ${active} of ${partner} is active again.`, json };
    }
    case "check": {
      const { operations, partners, problems } = await onGraph({ ...options, source: given.supergraph }, (graph) =>
        checkRegistry({ store, graph, partner: given.partner, now }),
      );
      if (problems.length > 0) throw new RegistrationError(problems, "These operations could not be called any more:");
      return {
        text: `Every registered operation fits: ${operations} of ${partners} ${partners === 1 ? "partner" : "partners"}.`,
        json: { operations, partners, problems },
      };
    }
  }
}

async function onGraph<T>(
  options: Parameters<typeof loadCheckingGraph>[0],
  work: (graph: CheckingGraph) => Promise<T>,
): Promise<T> {
  const graph = await loadCheckingGraph(options);
  try {
    return await work(graph);
  } finally {
    await graph.close();
  }
}

async function show(
  store: RegistryStore,
  given: { partner?: string | undefined; version: number | undefined; name?: string | undefined },
  now: Date,
): Promise<CommandResult> {
  const { versions, slug } = await store.partner(given.partner ?? "", now);
  const version = given.version ?? versions.find(({ state }) => state === "active")?.number;
  if (version === undefined) throw new RegistryError(`${slug} has no active version; name one.`);
  const operations = (await store.operationsOf(slug, version)).filter(
    ({ name }) => given.name === undefined || name === given.name,
  );
  if (operations.length === 0) throw new RegistryError(`Version ${version} of ${slug} has no operation ${given.name}.`);
  return {
    text: printOperations(slug, version, operations),
    json: { partner: slug, version, operations: operations.map((one) => ({ ...one, rest: one.rest ?? null })) },
  };
}

async function readManifest(file: string): Promise<string> {
  try {
    return await readFile(path.resolve(file), "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new RegistryError(`The file ${file} cannot be read (${code}).`);
  }
}
