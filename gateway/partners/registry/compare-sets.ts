import type { GraphQLSchema } from "graphql";
import { isDeepStrictEqual } from "node:util";
import type { RestBinding } from "../../../schema/rest-path";
import { deprecatedUses } from "./check-against-graph";
import type { DraftOperation } from "./draft-operation";

/** What is compared of an operation that is registered. */
export interface PublishedOperation {
  readonly id: string;
  readonly name: string;
  readonly rest: RestBinding | undefined;
}

export interface SetDifference {
  readonly added: readonly string[];
  /** Another text, id or path under the same name. */
  readonly changed: readonly { readonly name: string; readonly what: "text" | "path" | "text and path" }[];
  readonly gone: readonly string[];
  readonly unchanged: readonly string[];
}

export const isSame = ({ added, changed, gone }: SetDifference): boolean =>
  added.length + changed.length + gone.length === 0;

/** By name, as people call them. */
export function compareSets(
  before: readonly PublishedOperation[],
  after: readonly PublishedOperation[],
): SetDifference {
  const earlier = new Map(before.map((operation) => [operation.name, operation]));
  const names = new Set(after.map(({ name }) => name));
  const changed: SetDifference["changed"][number][] = [];
  const added: string[] = [];
  const unchanged: string[] = [];
  for (const { name, id, rest } of after) {
    const old = earlier.get(name);
    if (!old) added.push(name);
    else {
      const parts = [...(old.id === id ? [] : ["text"]), ...(isDeepStrictEqual(old.rest, rest) ? [] : ["path"])];
      if (parts.length === 0) unchanged.push(name);
      else changed.push({ name, what: parts.join(" and ") as "text" | "path" | "text and path" });
    }
  }
  return { added, changed, gone: [...earlier.keys()].filter((name) => !names.has(name)), unchanged };
}

/** Lines for whoever publishes. */
export function describeDifference(
  difference: SetDifference,
  operations: readonly DraftOperation[],
  schema: GraphQLSchema,
): readonly string[] {
  const { added, changed, gone, unchanged } = difference;
  return [
    ...added.map((name) => `new        ${name}`),
    ...changed.map(({ name, what }) => `changed    ${name} (${what})`),
    ...gone.map((name) => `gone       ${name}`),
    ...unchanged.map((name) => `the same   ${name}`),
    ...operations.flatMap(({ name, document }) =>
      deprecatedUses(schema, document).map((message) => `deprecated ${name}: ${message}`),
    ),
  ];
}
