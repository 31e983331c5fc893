import { ArgsType, type ClassType, Field, Int, ObjectType } from "type-graphql";
import type { z } from "zod";
import { badUserInput } from "../errors";
import { PageInfo } from "./page-info";

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
/** A cursor is the sort key of one row; anything longer is not ours. */
const MAX_CURSOR_LENGTH = 1_000;

/** The arguments of a list, for `@Args()` on a query or field. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many items from the start, or behind \`after\`: 0 to ${MAX_PAGE_SIZE}, ${DEFAULT_PAGE_SIZE} when left out.`,
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor: the page begins right behind it." })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many items from the end, or before \`before\`: 0 to ${MAX_PAGE_SIZE}. Not together with \`first\`.`,
  })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor: the page ends right before it." })
  before?: string | null;
}

/**
 * What a store is asked for: at most `limit + 1` rows (the one too many tells that there are more) whose keys lie between the bounds,
 * both excluded, from the start of the list (`forward`) or from its end (`backward`, rows in reverse order).
 */
export interface PageRequest<Key> {
  readonly direction: "forward" | "backward";
  readonly limit: number;
  readonly after?: Key;
  readonly before?: Key;
}

export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfo;
  /** Called when a client selects `totalCount`, and only then. */
  readonly countAll: () => Promise<number>;
}

/**
 * Reads the paging arguments of a list.
 * @param keySchema of the sort key inside a cursor; include what the order depends on, so that a cursor of another order is refused
 * @throws ClientError BAD_USER_INPUT naming the argument
 */
export function parsePageArgs<Key>(args: PageArgs, keySchema: z.ZodType<Key>): PageRequest<Key> {
  const { first = null, last = null } = args;
  if (first !== null && last !== null) throw badUserInput("Give `first` or `last`, not both.", ["last"]);
  const size = (name: "first" | "last", value: number): number => {
    if (Number.isInteger(value) && value >= 0 && value <= MAX_PAGE_SIZE) return value;
    throw badUserInput(`\`${name}\` must be a number from 0 to ${MAX_PAGE_SIZE}.`, [name]);
  };
  const bound = (name: "after" | "before"): { [Name in typeof name]?: Key } => {
    const cursor = args[name] ?? null;
    return cursor === null ? {} : { [name]: decodeCursor(name, cursor, keySchema) };
  };
  return {
    direction: last === null ? "forward" : "backward",
    limit: last === null ? size("first", first ?? DEFAULT_PAGE_SIZE) : size("last", last),
    ...bound("after"),
    ...bound("before"),
  };
}

/**
 * Makes a page of what the store answered.
 * @param options.rows as `PageRequest` asks for them
 * @param options.keyOf the sort key of a row: JSON, unique in the list
 */
export function createPage<Row, Key, Node = Row>(options: {
  request: PageRequest<Key>;
  rows: readonly Row[];
  keyOf: (row: Row) => Key;
  toNode: (row: Row) => Node;
  countAll: () => Promise<number>;
}): Page<Node> {
  const { request, rows, keyOf, toNode, countAll } = options;
  const more = rows.length > request.limit;
  const kept = rows.slice(0, request.limit);
  if (request.direction === "backward") kept.reverse();
  const edges = kept.map((row) => ({ cursor: encodeCursor(keyOf(row)), node: toNode(row) }));
  const forward = request.direction === "forward";
  return {
    edges,
    pageInfo: {
      // Beyond a bound that the caller gave there is at least the row it came from.
      hasNextPage: forward ? more : request.before !== undefined,
      hasPreviousPage: forward ? request.after !== undefined : more,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    countAll,
  };
}

/** The GraphQL types `<Name>Connection` and `<Name>Edge` for one node class; resolvers answer a `Page`. */
export function createConnectionType<Node extends object>(name: string, node: () => ClassType<Node>) {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list, with its place there.` })
  class Edge {
    @Field(() => String, { description: "Opaque: hand it back as `after` or `before`." })
    cursor!: string;

    @Field(node, { description: "The item itself." })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.` })
  class Connection {
    @Field(() => [Edge], { description: "The items with their cursors, in the order of the list." })
    edges!: Edge[];

    @Field(() => [node()], { description: "The items alone." })
    nodes(): Node[] {
      return this.edges.map((edge) => edge.node);
    }

    @Field(() => PageInfo, { description: "Whether there is more, and where." })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: "How many items the whole list has. Costs a count: ask only when you show it." })
    totalCount(): Promise<number> {
      return this.countAll();
    }

    countAll!: () => Promise<number>;
  }
  return Connection;
}

export const encodeCursor = (key: unknown): string => Buffer.from(JSON.stringify(key), "utf8").toString("base64url");

function decodeCursor<Key>(name: "after" | "before", cursor: string, keySchema: z.ZodType<Key>): Key {
  const refusal = () => badUserInput(`\`${name}\` is not a cursor of this list.`, [name]);
  if (cursor.length > MAX_CURSOR_LENGTH) throw refusal();
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw refusal();
  }
  const parsed = keySchema.safeParse(key);
  if (!parsed.success) throw refusal();
  return parsed.data;
}
