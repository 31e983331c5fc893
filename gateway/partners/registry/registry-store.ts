import type { RestBinding } from "../../../schema/rest-path";
import type { KeyScopes } from "./check-against-graph";
import type { PublishedOperation } from "./compare-sets";
import type { DraftOperation } from "./draft-operation";

/** Pending waits to be activated; deprecated can be called until its sunset; retired cannot be called. */
export type VersionState = "pending" | "active" | "deprecated" | "retired";

/** All operations of a partner that were published at once. */
export interface StoredVersion {
  readonly number: number;
  readonly state: VersionState;
  readonly author: string;
  readonly note: string;
  readonly createdAt: Date;
  /** When it became active first. */
  readonly publishedAt: Date | null;
  readonly deprecatedAt: Date | null;
  readonly sunsetAt: Date | null;
  readonly retiredAt: Date | null;
  /** By name. */
  readonly operations: readonly PublishedOperation[];
}

/** One operation by its name, whatever version it is called from. */
export interface Deprecation {
  readonly name: string;
  readonly deprecatedAt: Date;
  readonly sunsetAt: Date;
  readonly successor: string | null;
}

export interface StoredPartner {
  readonly slug: string;
  /** Live, and neither revoked nor expired. */
  readonly keys: readonly KeyScopes[];
  /** The newest first. */
  readonly versions: readonly StoredVersion[];
  readonly deprecations: readonly Deprecation[];
}

/** An operation as one version holds it. The body is null where it is not needed: the version can no longer be called. */
export interface RegistryRow {
  readonly partner: string;
  readonly version: number;
  readonly state: Exclude<VersionState, "pending">;
  readonly publishedAt: Date;
  readonly deprecatedAt: Date | null;
  readonly sunsetAt: Date | null;
  readonly retiredAt: Date | null;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly body: string | null;
  readonly restMethod: string | null;
  readonly restPath: string | null;
}

export interface RegistryContent {
  /** Another one for every change. */
  readonly revision: string;
  readonly rows: readonly RegistryRow[];
  readonly deprecations: readonly (Deprecation & { readonly partner: string })[];
}

export interface Publication {
  readonly operations: readonly (Pick<DraftOperation, "id" | "name" | "type" | "body"> & {
    readonly rest: RestBinding | undefined;
  })[];
  readonly state: "active" | "pending";
  readonly author: string;
  readonly note: string;
  /** Of the version that was active. */
  readonly sunsetAt: Date;
  /** Number of the newest version that the publisher knows, 0 without any: nothing is published over another's work. */
  readonly after: number;
}

/** What cannot be done as things are; the message is one sentence for whoever asked. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}

/** Where registered operations are kept. Every change is made as a whole, one after the other, or not at all. */
export interface RegistryStore {
  /** All that gateways serve, of one moment. @param now decides whose bodies are needed */
  read(now: Date): Promise<RegistryContent>;
  revision(): Promise<string>;
  /** With everything that its operator wants to see. @throws RegistryError when there is no such partner */
  partner(slug: string, now: Date): Promise<StoredPartner>;
  slugs(): Promise<readonly string[]>;
  /** The texts that some ids of a partner stand for already. */
  textsOf(slug: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Of a version, with their texts. @throws RegistryError when there is no such version */
  operationsOf(slug: string, version: number): Promise<readonly DraftText[]>;
  /** @returns the number of the new version @throws RegistryError */
  publish(slug: string, publication: Publication, now: Date): Promise<number>;
  /** A pending version takes the place of the active one. @throws RegistryError */
  activate(slug: string, version: number, sunsetAt: Date, now: Date): Promise<void>;
  /**
   * The active version is retired, and an earlier one is active again.
   * @param to undefined: the one that was deprecated last
   * @returns its number
   * @throws RegistryError
   */
  rollBack(slug: string, to: number | undefined, now: Date): Promise<number>;
  /** @throws RegistryError for the active version */
  retire(slug: string, version: number, now: Date): Promise<void>;
  /** @throws RegistryError when no version that can be called has such an operation */
  deprecate(slug: string, deprecation: Omit<Deprecation, "deprecatedAt">, now: Date): Promise<void>;
  /** @throws RegistryError when it is not deprecated */
  undeprecate(slug: string, name: string): Promise<void>;
}

export interface DraftText {
  readonly id: string;
  readonly name: string;
  readonly body: string;
  readonly rest: RestBinding | undefined;
}
