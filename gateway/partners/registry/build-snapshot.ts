import { GraphQLError } from "graphql";
import { parseRestPath, type RestBinding, restConflict } from "../../../schema/rest-path";
import { ownPath, readOperationText } from "./draft-operation";
import type { OperationRegistry, RegisteredOperation, RetiredOperation } from "./operation-registry";
import type { Deprecation, RegistryContent, RegistryRow } from "./registry-store";

/** What gateways serve, made of one state of the store. */
export interface RegistrySnapshot extends OperationRegistry {
  readonly revision: string;
  /** Milliseconds since 1970: then the first operation is retired and another snapshot is due. */
  readonly until: number;
}

interface OfPartner {
  readonly byId: ReadonlyMap<string, RegisteredOperation>;
  readonly byName: ReadonlyMap<string, RegisteredOperation>;
  readonly withPaths: readonly RegisteredOperation[];
  readonly retired: readonly RetiredOperation[];
}

/**
 * An operation can be called by its id as long as an active version, or a deprecated one before its sunset, holds it. Names and paths belong to the active
 * version first, then to deprecated ones, the newest first, as far as they are free.
 * @param options.previous operations that did not change are taken from it as they are: what others know of them goes on to hold
 * @param options.onDamaged is told of each row that cannot be used; the others are served
 */
export function buildSnapshot(
  content: RegistryContent,
  options: {
    now: number;
    previous?: OperationRegistry | undefined;
    onDamaged: (row: Pick<RegistryRow, "partner" | "version" | "id" | "name">, reason: string) => void;
  },
): RegistrySnapshot {
  const { now, previous, onDamaged } = options;
  const partners = new Map<string, OfPartner>();
  let until = Infinity;
  let size = 0;
  for (const [partner, rows] of [...grouped(content.rows, ({ partner }) => partner)].sort(byKey)) {
    const deprecations = new Map(
      content.deprecations.filter((one) => one.partner === partner).map((one) => [one.name, one]),
    );
    const own = buildPartner(rows, deprecations, {
      now,
      known: (id) => previous?.find(partner, id),
      onDamaged,
    });
    partners.set(partner, own);
    size += own.byId.size;
    for (const { sunset } of own.byId.values()) if (sunset) until = Math.min(until, sunset.getTime());
  }
  return Object.freeze({
    revision: content.revision,
    until,
    size,
    partners: [...partners].filter(([, { byId }]) => byId.size > 0).map(([slug]) => slug),
    find: (partner: string, id: string) => partners.get(partner)?.byId.get(id),
    named: (partner: string, name: string) => partners.get(partner)?.byName.get(name),
    ofPartner: (partner: string) => [...(partners.get(partner)?.byName.values() ?? [])],
    withPaths: (partner: string) => partners.get(partner)?.withPaths ?? [],
    retiredOf: (partner: string) => partners.get(partner)?.retired ?? [],
  });
}

function buildPartner(
  rows: readonly RegistryRow[],
  deprecations: ReadonlyMap<string, Deprecation>,
  options: {
    now: number;
    known: (id: string) => RegisteredOperation | undefined;
    onDamaged: (row: RegistryRow, reason: string) => void;
  },
): OfPartner {
  const { now, known, onDamaged } = options;
  const isCallable = (row: RegistryRow) =>
    row.state === "active" || (row.state === "deprecated" && Number(row.sunsetAt) > now);
  const isPast = ({ name }: RegistryRow) => Number(deprecations.get(name)?.sunsetAt ?? Infinity) <= now;
  const activeNames = new Set(rows.filter(({ state }) => state === "active").map(({ name }) => name));
  const successorOf = ({ name, state }: RegistryRow) =>
    deprecations.get(name)?.successor ?? (state !== "active" && activeNames.has(name) ? name : undefined);

  // The rows are in the order of versions, the newest first; of each operation that one counts from which it can be called longest.
  const callable = [
    ...grouped(
      rows.filter((row) => isCallable(row) && !isPast(row)),
      ({ id }) => id,
    ).values(),
  ]
    .map((same) => ({
      row: same.reduce((best, row) => (lastsLonger(row, best) ? row : best)),
      newest: same[0].version,
    }))
    .sort((a, b) => rank(b.row) - rank(a.row) || b.newest - a.newest)
    .map(({ row }) => row);
  const byId = new Map<string, RegisteredOperation>();
  const byName = new Map<string, RegisteredOperation>();
  const taken: RestBinding[] = [];
  for (const row of callable) {
    const { id, name } = row;
    try {
      const declared = restOf(row);
      const rest = declared ?? ownPath(typeOf(row), name);
      const isFree =
        rest && (declared ? taken.every((other) => restConflict(other, rest) === undefined) : !byName.has(name));
      const operation = registered(row, {
        rest: isFree ? rest : undefined,
        deprecation: deprecations.get(name),
        successor: successorOf(row),
        before: known(id),
      });
      byId.set(id, operation);
      if (isFree && declared) taken.push(declared);
      if (!byName.has(name)) byName.set(name, operation);
    } catch (error) {
      // Whatever it is: one row must not keep the others from being served.
      onDamaged(row, (error as Error).message);
    }
  }

  const retired = new Map<string, RetiredOperation>();
  for (const row of rows) {
    const { id, name, retiredAt, sunsetAt } = row;
    if (retired.has(id) || byId.has(id) || (isCallable(row) && !isPast(row))) continue;
    const when = isCallable(row) ? deprecations.get(name)?.sunsetAt : (retiredAt ?? sunsetAt);
    retired.set(id, {
      id,
      name,
      rest: readableRest(row),
      retiredAt: when ?? row.publishedAt,
      successor: successorOf(row),
    });
  }
  const inOrder = new Map([...byName].sort(byKey));
  const withPaths = [...new Set([...inOrder.values(), ...byId.values()])].filter(({ rest }) => rest !== undefined);
  return { byId, byName: inOrder, withPaths, retired: [...retired.values()] };
}

const rank = ({ state }: RegistryRow) => (state === "active" ? 1 : 0);

const lastsLonger = (one: RegistryRow, other: RegistryRow) =>
  rank(one) > rank(other) || (rank(one) === rank(other) && Number(one.sunsetAt) > Number(other.sunsetAt));

function registered(
  row: RegistryRow,
  given: {
    rest: RestBinding | undefined;
    deprecation: Deprecation | undefined;
    successor: string | undefined;
    before: RegisteredOperation | undefined;
  },
): RegisteredOperation {
  const { rest, deprecation, successor, before } = given;
  const { id, name, body } = row;
  const type = typeOf(row);
  if (body === null) throw new Error("its text is missing");
  const text = before?.body === body ? before : parsed(body);
  if (text.definition.name?.value !== name || text.definition.operation !== type) {
    throw new Error(`its text is not the ${type} ${name}`);
  }
  const operation: RegisteredOperation = {
    id,
    name,
    type,
    body,
    document: text.document,
    definition: text.definition,
    rest,
    state: row.state === "deprecated" || deprecation ? "deprecated" : "active",
    publishedAt: row.publishedAt,
    deprecatedAt: earliest(row.deprecatedAt, deprecation?.deprecatedAt),
    sunset: earliest(row.sunsetAt, deprecation?.sunsetAt),
    successor,
  };
  return before && fingerprint(before) === fingerprint(operation) ? before : Object.freeze(operation);
}

/** Everything but the text, which is the same already. */
const fingerprint = ({ document: _document, definition: _definition, body, ...rest }: RegisteredOperation) =>
  JSON.stringify([body.length, rest]);

function parsed(body: string) {
  try {
    const read = readOperationText(body);
    if (read) return read;
  } catch (error) {
    if (error instanceof GraphQLError) throw new Error(`its text is not GraphQL: ${error.message}`);
    throw error;
  }
  throw new Error("its text does not hold exactly one operation with a name");
}

function typeOf({ type }: RegistryRow): RegisteredOperation["type"] {
  if (type === "query" || type === "mutation" || type === "subscription") return type;
  throw new Error(`"${type}" is no type of operation`);
}

/** As declared. */
function restOf({ restMethod, restPath }: RegistryRow): RestBinding | undefined {
  if (restMethod === null || restPath === null) return undefined;
  if (restMethod !== "GET" && restMethod !== "POST") throw new Error(`"${restMethod}" is no method`);
  const segments = parseRestPath(restPath);
  if (typeof segments === "string") throw new Error(segments);
  return { method: restMethod, path: restPath };
}

function readableRest(row: RegistryRow): RestBinding | undefined {
  try {
    return restOf(row) ?? ownPath(typeOf(row), row.name);
  } catch {
    return undefined;
  }
}

function earliest(...dates: readonly (Date | null | undefined)[]): Date | undefined {
  const known = dates.filter((date) => date instanceof Date);
  return known.length === 0 ? undefined : new Date(Math.min(...known.map(Number)));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, readonly [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

/** Served at first, and by a gateway whose store holds nothing. */
export const EMPTY_SNAPSHOT: RegistrySnapshot = buildSnapshot(
  { revision: "", rows: [], deprecations: [] },
  { now: 0, onDamaged: () => undefined },
);
