import type { DocumentNode, OperationDefinitionNode } from "graphql";
import type { RestBinding } from "../../../schema/rest-path";

/** One operation that a partner may run. */
export interface RegisteredOperation {
  /** Canonical: `sha256:<64 hex digits>` for a hash, otherwise as it was registered. */
  readonly id: string;
  readonly name: string;
  readonly type: "query" | "mutation" | "subscription";
  readonly body: string;
  /** The text, parsed, and the one operation in it. */
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** Below `/partner/v1`: the path that the operation declares, otherwise `/ops/<name>`. A subscription has none, nor has what another operation took the path of. */
  readonly rest: RestBinding | undefined;
  readonly state: "active" | "deprecated";
  /** When the version was published that it is called from. */
  readonly publishedAt: Date;
  readonly deprecatedAt: Date | undefined;
  /** From then on it is answered as retired, also before the registry is read again. */
  readonly sunset: Date | undefined;
  /** Name of the operation to call in its place. */
  readonly successor: string | undefined;
}

/** An operation that could be called once. */
export interface RetiredOperation {
  readonly id: string;
  readonly name: string;
  readonly rest: RestBinding | undefined;
  readonly retiredAt: Date;
  readonly successor: string | undefined;
}

/** The operations of every partner at one moment; it never changes, another takes its place. */
export interface OperationRegistry {
  find(partner: string, id: string): RegisteredOperation | undefined;
  /** Names are unique: of two operations with one name the one of the newer version has it. */
  named(partner: string, name: string): RegisteredOperation | undefined;
  /** One for each name. What only an id or an old path leads to is not among them. */
  ofPartner(partner: string): readonly RegisteredOperation[];
  /** Those that a path leads to: the same, and after them those of deprecated versions whose name is another's by now and whose path is not. */
  withPaths(partner: string): readonly RegisteredOperation[];
  /** Operations that can no longer be called. */
  retiredOf(partner: string): readonly RetiredOperation[];
  /** Slugs of the partners that have operations, in alphabetical order. */
  readonly partners: readonly string[];
  /** Operations that can be called. */
  readonly size: number;
}
