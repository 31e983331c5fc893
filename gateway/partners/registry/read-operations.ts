import { createHash } from "node:crypto";
import { type DocumentNode, GraphQLError, parse, print } from "graphql";
import { z } from "zod";
import { methodOf } from "../../../schema/check-rest-binding";
import type { RestBinding } from "../../../schema/rest-path";
import { takeRestDirective } from "../../../schema/take-rest-directive";
import { canonicalId } from "../operation-id";
import { type DraftOperation, onlyOperation, type RegistrationProblem } from "./draft-operation";

export interface ReadOperations {
  /** Of every partner that the file names, or of the one who was asked for. */
  readonly operations: readonly DraftOperation[];
  readonly problems: readonly RegistrationProblem[];
}

/** One entry of a file, whatever its format. */
interface Entry {
  readonly id: string;
  readonly body: string;
  readonly partner: string | undefined;
  /** What the file says of the text, when it does. */
  readonly says?: { readonly name: string; readonly type: DraftOperation["type"]; readonly rest?: RestBinding };
}

const text = z.string();
// https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format
const manifestShape = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: text,
      name: text,
      type: z.enum(["query", "mutation", "subscription"]),
      body: text,
      clientName: text.nullish(),
      // An extension of ours: where the operation is found over plain HTTP.
      rest: z.object({ method: z.enum(["GET", "POST"]), path: text }).optional(),
    }),
  ),
});
/** graphql-codegen, Relay and Hive write an object, older Relay a list of pairs. */
const mapShape = z.record(text, text);
const pairsShape = z.array(z.tuple([text, text]));

/**
 * Reads a file of persisted operations: an Apollo manifest, version 1, in which `clientName` is the partner's slug, or `{id: text}`, or
 * `[[id, text]]`. A text may say by `@rest` where it is found over plain HTTP.
 * @param options.partner of a file that names none; of one that does, only this one's operations are read
 * @returns everything that can be read, and what is wrong with the rest
 */
export function readOperations(file: string, options: { partner?: string | undefined } = {}): ReadOperations {
  const entries = readEntries(file);
  if (!Array.isArray(entries)) return { operations: [], problems: [entries as RegistrationProblem] };
  const problems: RegistrationProblem[] = [];
  const operations: DraftOperation[] = [];
  for (const entry of entries as readonly Entry[]) {
    if (options.partner !== undefined && entry.partner !== undefined && entry.partner !== options.partner) continue;
    const read = readEntry(entry, options.partner ?? entry.partner);
    if ("id" in read) operations.push(read);
    else problems.push(...read.problems);
  }
  return { operations, problems };
}

function readEntries(file: string): readonly Entry[] | RegistrationProblem {
  let given: unknown;
  try {
    given = JSON.parse(file);
  } catch {
    return { message: "the file is not JSON" };
  }
  const isManifest = typeof given === "object" && given !== null && "format" in given;
  if (isManifest) {
    const { data, error } = manifestShape.safeParse(given);
    if (!data) return { message: `the file is no Apollo manifest of version 1 (${placeOf(error)})` };
    return data.operations.map(({ id, body, clientName, name, type, rest }) => ({
      id,
      body,
      partner: clientName ?? undefined,
      says: { name, type, ...(rest && { rest }) },
    }));
  }
  const map = mapShape.safeParse(given);
  const pairs = map.success ? Object.entries(map.data) : pairsShape.safeParse(given).data;
  if (!pairs) {
    return { message: "the file is neither an Apollo manifest of version 1, nor {id: text}, nor [[id, text]]" };
  }
  return pairs.map(([id, body]) => ({ id, body, partner: undefined }));
}

const placeOf = ({ issues: [issue] }: z.ZodError) => `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;

function readEntry(
  { id: given, body, says }: Entry,
  partner: string | undefined,
): DraftOperation | { readonly problems: readonly RegistrationProblem[] } {
  const problems: RegistrationProblem[] = [];
  let operation = says?.name ?? shortened(given);
  const refuse = (message: string, place?: RegistrationProblem["place"]) =>
    problems.push({ partner, operation, message, ...(place && { place }) });

  if (partner === undefined) refuse("the file does not say whose it is; name the partner");
  let parsed: DocumentNode;
  try {
    parsed = parse(body);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    refuse(`it is not GraphQL: ${error.message}`, error.locations?.[0]);
    return { problems };
  }
  const taken = takeRestDirective(parsed);
  for (const error of taken.errors) refuse(error);
  const found = onlyOperation(taken.document);
  if (!found) {
    refuse("its text must hold exactly one operation, with a name");
    return { problems };
  }
  operation = found.name;
  const type = found.definition.operation;
  if (says && (says.name !== found.name || says.type !== type)) {
    refuse(`the file calls it ${says.type} ${says.name}, and its text ${type} ${found.name}`);
  }
  const hasDirective = taken.document !== parsed && taken.path !== undefined;
  const registered = hasDirective ? print(taken.document) : body;
  const id = canonicalId(given);
  if (id === undefined) refuse("its id cannot be used: a SHA-256, or letters, digits and . _ ~ -");
  else if (id.startsWith("sha256:") && ![body, registered].some((one) => id === `sha256:${sha256(one)}`)) {
    refuse("its id is not the hash of its text");
  }
  const own: RestBinding | undefined =
    taken.path === undefined ? undefined : { method: type === "mutation" ? methodOf(type) : "GET", path: taken.path };
  if (own && says?.rest && (own.path !== says.rest.path || own.method !== says.rest.method)) {
    refuse("its text says another path than the file");
  }
  if (problems.length > 0 || id === undefined || partner === undefined) return { problems };
  return {
    partner,
    id,
    name: found.name,
    type,
    body: registered,
    document: taken.document,
    definition: found.definition,
    rest: own ?? says?.rest,
  };
}

const sha256 = (body: string) => createHash("sha256").update(body).digest("hex");
const shortened = (id: string) => (id.length > 40 ? `${id.slice(0, 40)}…` : id);
