import type { GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { Kept } from "../partners/calls/call";
import type { Partner } from "../partners/keys/partner";
import { entityTagOf } from "./entity-tag";

/** What a request means, and the tag of what it was answered with. */
export interface KnownRequest<Meaning> {
  readonly partner: string;
  readonly meaning: Meaning;
  /** @returns the entity tag of an answer; one that is the same as the last is compared, which takes less than hashing it */
  tagOf(text: string): string;
  /** What is found out for it with a key and a graph, once it has come again: most never do. A key is another one when it was read anew. */
  keptFor(key: Partner, schema: GraphQLSchema): Kept | undefined;
}

/** What partners' requests mean: one that came before is found by its text, and not decoded, parsed and matched again. */
export interface KnownRequests<Meaning> {
  /** @param source what the meaning was read from; it goes with it */
  find(source: object, partner: string, text: string): KnownRequest<Meaning> | undefined;
  keep(source: object, partner: string, text: string, meaning: Meaning): KnownRequest<Meaning>;
}

const MAX_KNOWN = 500;
const MAX_TEXT_LENGTH = 500;
/** Of an answer that is kept to be compared. */
const MAX_ANSWER_LENGTH = 16_384;

export function createKnownRequests<Meaning>(): KnownRequests<Meaning> {
  const bySource = new WeakMap<object, LRUCache<string, KnownRequest<Meaning>>>();
  return {
    find: (source, partner, text) => {
      const known = bySource.get(source)?.get(text);
      return known?.partner === partner ? known : undefined;
    },
    keep: (source, partner, text, meaning) => {
      const request = { partner, meaning, tagOf: createTagger(), keptFor: createKeeper() };
      const known = bySource.get(source) ?? new LRUCache<string, KnownRequest<Meaning>>({ max: MAX_KNOWN });
      bySource.set(source, known);
      if (text.length <= MAX_TEXT_LENGTH) known.set(text, request);
      return request;
    },
  };
}

function createTagger(): (text: string) => string {
  let answer: string | undefined;
  let tag = "";
  return (text) => {
    if (text === answer) return tag;
    answer = text.length <= MAX_ANSWER_LENGTH ? text : undefined;
    return (tag = entityTagOf(text));
  };
}

function createKeeper(): KnownRequest<unknown>["keptFor"] {
  let isNew = true;
  let byKey: WeakMap<Partner, Kept> | undefined;
  let graph: GraphQLSchema | undefined;
  return (key, schema) => {
    if (isNew) return void (isNew = false);
    if (!byKey || schema !== graph) {
      graph = schema;
      byKey = new WeakMap();
    }
    const known = byKey.get(key);
    if (known) return known;
    const kept: Kept = [];
    byKey.set(key, kept);
    return kept;
  };
}
