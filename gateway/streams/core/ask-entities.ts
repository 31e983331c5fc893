import { GraphQLError } from "graphql";
import type { Counter } from "../../../kit/metrics";
import { callerKey } from "../../upstream/caller-key";
import type { UpstreamContext } from "../../upstream/upstream-context";
import type { SubgraphClient, SubgraphReply } from "../../upstream/upstreams";
import { type CombinedQuery, createQueryWriter } from "./combined-query";
import type { EntityQuestion } from "./entity-question";
import type { EntityKey } from "./prepared-stream";

/** One entity as its owner gives it. */
export interface EntityAnswer {
  /** `null` when the owner gives none: there is none, or whoever asks may not see it. */
  readonly entity: unknown;
  /** Safe for the client; paths begin at the entity (`["total"]`) and are absent where the subgraph gave none. */
  readonly errors: readonly GraphQLError[];
  /** The reply that it came in. */
  readonly reply: SubgraphReply;
}

/** A question with its variables: what stays the same from entity to entity. */
export class AskedQuestion {
  /** Equal for what is the same request. */
  readonly id: string;
  /** Name under which the question knows it, and JSON of its value. */
  readonly variables: readonly (readonly [name: string, text: string])[];

  /** @param variables of the question, under its own names */
  constructor(
    readonly question: EntityQuestion,
    variables: Readonly<Record<string, unknown>>,
  ) {
    this.id = `${question.id}${JSON.stringify(variables)}`;
    this.variables = Object.entries(variables).flatMap(([name, value]): [string, string][] => {
      const text = JSON.stringify(value) as string | undefined;
      return text === undefined ? [] : [[name, text]];
    });
  }
}

/**
 * Asks an entity's owner for it, together with everything that the same caller asks that owner in the same turn of the event loop. Never
 * rejects: what goes wrong is in the answer.
 */
export type AskEntity = (asked: AskedQuestion, key: EntityKey, context: UpstreamContext) => Promise<EntityAnswer>;

/** Subgraphs bound what one request may ask. */
const MAX_QUESTIONS = 50;
const MAX_ENTITIES = 1_000;

type Resolve = (answer: EntityAnswer) => void;

/** With the entities that it is asked of. */
interface Ask {
  readonly asked: AskedQuestion;
  /** In the order of the representations. */
  readonly entities: Map<EntityKey, Resolve[]>;
}

interface Batch {
  readonly context: UpstreamContext;
  readonly asks: Map<string, Ask>;
}

/**
 * Puts the questions of one event together. Equal ones are asked once, several entities of one question travel in one list, different
 * questions under aliases of one request. Callers are never mixed: a batch is of one identity and one set of forwarded headers.
 */
export function createEntityAsker(counters: { readonly asked: Counter; readonly requests: Counter }): AskEntity {
  const batches = new Map<SubgraphClient, Map<string, Batch>>();
  const write = createQueryWriter();

  const send = async (owner: SubgraphClient, context: UpstreamContext, asks: readonly Ask[]): Promise<void> => {
    const query = write(asks.map(({ asked: { question } }) => question));
    counters.requests.inc();
    const rewrite = rewriteOf(asks, query);
    const body = bodyOf(asks, query);
    const reply = await owner.send({ body, kind: "query", ...(rewrite ? { rewrite } : {}) }, context);
    if (asks.length > 1 && reply.data === null && !reply.isFault) {
      // One question that the subgraph does not take is no reason to fail the others.
      await Promise.all(asks.map((ask) => send(owner, context, [ask])));
      return;
    }
    asks.forEach((ask, i) => settle(ask, reply, query.parts[i]?.alias ?? ""));
  };

  const flush = (owner: SubgraphClient) => {
    const waiting = batches.get(owner);
    batches.delete(owner);
    for (const { context, asks } of waiting?.values() ?? []) {
      for (const some of inRequests([...asks.values()])) void send(owner, context, some);
    }
  };

  return (asked, key, context) =>
    new Promise((resolve) => {
      counters.asked.inc();
      const { owner } = asked.question;
      let waiting = batches.get(owner);
      if (!waiting) {
        batches.set(owner, (waiting = new Map<string, Batch>()));
        setImmediate(flush, owner);
      }
      const caller = callerKey(context);
      let batch = waiting.get(caller);
      if (!batch) waiting.set(caller, (batch = { context, asks: new Map<string, Ask>() }));
      let ask = batch.asks.get(asked.id);
      if (!ask) batch.asks.set(asked.id, (ask = { asked, entities: new Map<EntityKey, Resolve[]>() }));
      const waitingForEntity = ask.entities.get(key);
      if (waitingForEntity) waitingForEntity.push(resolve);
      else ask.entities.set(key, [resolve]);
    });
}

function inRequests(asks: readonly Ask[]): readonly Ask[][] {
  const requests: Ask[][] = [];
  let room = 0;
  for (const ask of asks.flatMap(inPieces)) {
    const last = requests.at(-1);
    if (last && last.length < MAX_QUESTIONS && ask.entities.size <= room) last.push(ask);
    else {
      requests.push([ask]);
      room = MAX_ENTITIES;
    }
    room -= ask.entities.size;
  }
  return requests;
}

function inPieces(ask: Ask): readonly Ask[] {
  if (ask.entities.size <= MAX_ENTITIES) return [ask];
  const all = [...ask.entities];
  const pieces: Ask[] = [];
  for (let i = 0; i < all.length; i += MAX_ENTITIES) {
    pieces.push({ ...ask, entities: new Map(all.slice(i, i + MAX_ENTITIES)) });
  }
  return pieces;
}

function bodyOf(asks: readonly Ask[], { body, parts }: CombinedQuery): string {
  const variables: string[] = [];
  for (const [i, { asked, entities }] of asks.entries()) {
    const part = parts[i];
    if (!part) continue;
    const type = JSON.stringify(asked.question.type);
    const list: string[] = [];
    for (const id of entities.keys()) list.push(`{"__typename":${type},"id":${JSON.stringify(id)}}`);
    for (const [name, text] of asked.variables) variables.push(`"${part.variable(name)}":${text}`);
    variables.push(`"${part.representations}":[${list.join()}]`);
  }
  return `{${body},"variables":{${variables.join()}}}`;
}

function rewriteOf(asks: readonly Ask[], { parts }: CombinedQuery) {
  if (asks.every(({ asked: { question } }) => question.rewrite === undefined)) return undefined;
  return (data: Record<string, unknown>) => {
    asks.forEach(({ asked: { question } }, i) => {
      const { rewrite } = question;
      const list = data[parts[i]?.alias ?? ""];
      if (rewrite && Array.isArray(list)) list.forEach(rewrite);
    });
  };
}

function settle({ entities }: Ask, reply: SubgraphReply, alias: string): void {
  const list = reply.data?.[alias];
  if (reply.errors.length === 0 && Array.isArray(list)) {
    let at = 0;
    for (const waiting of entities.values()) {
      const entity = (list as readonly unknown[])[at++];
      const errors = entity === undefined ? [invalidAnswer()] : NONE;
      const answer: EntityAnswer = { entity: entity ?? null, errors, reply };
      for (const resolve of waiting) resolve(answer);
    }
    return;
  }
  const general = reply.errors.filter(({ path }) => !path || (path[0] === alias && typeof path[1] !== "number"));
  let place = 0;
  for (const waiting of entities.values()) {
    const own = reply.errors.filter(({ path }) => path?.[0] === alias && path[1] === place);
    const entity: unknown = Array.isArray(list) ? (list as readonly unknown[])[place] : undefined;
    const errors = [...own.map(fromEntity), ...general.map(withoutPath)];
    if (entity === undefined && errors.length === 0) errors.push(invalidAnswer());
    const answer: EntityAnswer = { entity: entity ?? null, errors, reply };
    for (const resolve of waiting) resolve(answer);
    place++;
  }
}

const NONE: readonly GraphQLError[] = Object.freeze([]);

const fromEntity = ({ message, path, extensions }: GraphQLError) =>
  new GraphQLError(message, { path: path?.slice(2), extensions });

const withoutPath = ({ message, extensions }: GraphQLError) => new GraphQLError(message, { extensions });

const invalidAnswer = () =>
  new GraphQLError("The service behind this field gave a value that does not fit the schema.", {
    extensions: { code: "SUBGRAPH_RESPONSE_INVALID" },
  });
