import type { DataSource, EntityManager } from "typeorm";
import {
  type Deprecation,
  type DraftText,
  type Publication,
  type RegistryContent,
  RegistryError,
  type RegistryRow,
  type RegistryStore,
  type StoredPartner,
  type StoredVersion,
  type VersionState,
} from "../registry/registry-store";

/** Registered operations in PostgreSQL. Who changes something holds the one row of `operation_registry` to the end, so changes follow each other. */
export function createRegistryStore(source: DataSource): RegistryStore {
  const change = <T>(slug: string, work: (manager: EntityManager, partnerId: string) => Promise<T>): Promise<T> =>
    source.transaction(async (manager) => {
      await manager.query("select 1 from operation_registry for update");
      return work(manager, await partnerIdOf(manager, slug));
    });

  return {
    // In one snapshot, so that no version is seen without its operations.
    read: (now) =>
      source.transaction("REPEATABLE READ", async (manager): Promise<RegistryContent> => {
        await manager.query("set transaction read only");
        const [{ revision } = { revision: "0" }] = await manager.query<{ revision: string }[]>(
          "select revision from operation_registry",
        );
        const rows = await manager.query<RegistryRow[]>(READ_ROWS, [now]);
        const deprecations = await manager.query<RegistryContent["deprecations"]>(
          `select p.slug as partner, ${DEPRECATION} from operation_deprecations d join partners p on p.id = d.partner_id`,
        );
        return { revision, rows, deprecations };
      }),
    revision: async () => {
      const [row] = await source.query<{ revision: string }[]>("select revision from operation_registry");
      return row?.revision ?? "0";
    },
    slugs: async () =>
      (await source.query<{ slug: string }[]>("select slug from partners order by slug")).map(({ slug }) => slug),

    partner: (slug, now) =>
      source.transaction("REPEATABLE READ", async (manager): Promise<StoredPartner> => {
        const partnerId = await partnerIdOf(manager, slug);
        return {
          slug,
          keys: await manager.query(
            `select id, scopes from api_keys
             where partner_id = $1 and mode = 'live' and revoked_at is null and (expires_at is null or expires_at > $2) order by id`,
            [partnerId, now],
          ),
          versions: await versionsOf(manager, partnerId),
          deprecations: await manager.query<Deprecation[]>(
            `select ${DEPRECATION} from operation_deprecations d where partner_id = $1 order by name`,
            [partnerId],
          ),
        };
      }),

    textsOf: async (slug, ids) => {
      const rows = await source.query<{ id: string; body: string }[]>(
        "select o.id, o.body from operations o join partners p on p.id = o.partner_id where p.slug = $1 and o.id = any($2)",
        [slug, ids],
      );
      return new Map(rows.map(({ id, body }) => [id, body]));
    },

    operationsOf: async (slug, version) => {
      const partnerId = await partnerIdOf(source.manager, slug);
      await requireVersion(source.manager, partnerId, slug, version);
      const rows = await source.query<(Omit<DraftText, "rest"> & MemberRow)[]>(
        `select o.id, o.name, o.body, ${REST} from operation_version_members m
         join operations o on o.partner_id = m.partner_id and o.id = m.operation_id
         where m.partner_id = $1 and m.number = $2 order by o.name`,
        [partnerId, version],
      );
      return rows.map(({ id, name, body, ...rest }) => ({ id, name, body, rest: restOf(rest) }));
    },

    publish: (slug, publication, now) =>
      change(slug, async (manager, partnerId) => {
        const [{ newest } = { newest: 0 }] = await manager.query<{ newest: number }[]>(
          "select coalesce(max(number), 0) as newest from operation_versions where partner_id = $1",
          [partnerId],
        );
        if (newest !== publication.after) {
          throw new RegistryError(
            `Version ${newest} of ${slug} was published in the meantime; look at it and publish again.`,
          );
        }
        await keepTexts(manager, partnerId, slug, publication, now);
        const number = newest + 1;
        const { state, author, note, sunsetAt } = publication;
        if (state === "active") await deprecateActive(manager, partnerId, sunsetAt, now);
        await manager.query(
          `insert into operation_versions (partner_id, number, state, author, note, created_at, published_at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
          [partnerId, number, state, author, note, now, state === "active" ? now : null],
        );
        await manager.query(
          `insert into operation_version_members (partner_id, number, operation_id, rest_method, rest_path)
           select $1, $2, * from unnest($3::text[], $4::text[], $5::text[])`,
          [
            partnerId,
            number,
            publication.operations.map(({ id }) => id),
            publication.operations.map(({ rest }) => rest?.method ?? null),
            publication.operations.map(({ rest }) => rest?.path ?? null),
          ],
        );
        return number;
      }),

    activate: (slug, version, sunsetAt, now) =>
      change(slug, async (manager, partnerId) => {
        const state = await requireVersion(manager, partnerId, slug, version);
        if (state !== "pending") {
          const how = state === "active" ? "active already" : `${state}; roll back to it instead`;
          throw new RegistryError(`Version ${version} of ${slug} is ${how}.`);
        }
        await deprecateActive(manager, partnerId, sunsetAt, now);
        await makeActive(manager, partnerId, version, now);
      }),

    rollBack: (slug, to, now) =>
      change(slug, async (manager, partnerId) => {
        const versions = await versionsOf(manager, partnerId);
        const active = versions.find(({ state }) => state === "active");
        if (!active) throw new RegistryError(`${slug} has no active version to roll back from.`);
        const target = to ?? lastDeprecated(versions)?.number;
        if (target === undefined)
          throw new RegistryError(`${slug} has no deprecated version to roll back to; name one.`);
        if (target === active.number) throw new RegistryError(`Version ${target} of ${slug} is active already.`);
        const state = await requireVersion(manager, partnerId, slug, target);
        if (state === "pending")
          throw new RegistryError(`Version ${target} of ${slug} was never active; activate it instead.`);
        await retire(manager, partnerId, active.number, now);
        await makeActive(manager, partnerId, target, now);
        return target;
      }),

    retire: (slug, version, now) =>
      change(slug, async (manager, partnerId) => {
        const state = await requireVersion(manager, partnerId, slug, version);
        if (state === "active") {
          throw new RegistryError(`Version ${version} of ${slug} is active; publish or activate another one first.`);
        }
        if (state === "retired") throw new RegistryError(`Version ${version} of ${slug} is retired already.`);
        await retire(manager, partnerId, version, now);
      }),

    deprecate: (slug, { name, sunsetAt, successor }, now) =>
      change(slug, async (manager, partnerId) => {
        for (const [wanted, what] of [[name, "operation"] as const, [successor, "successor"] as const]) {
          if (wanted === null) continue;
          const found: unknown[] = await manager.query(
            `select 1 from operation_version_members m
             join operations o on o.partner_id = m.partner_id and o.id = m.operation_id
             join operation_versions v on v.partner_id = m.partner_id and v.number = m.number
             where m.partner_id = $1 and o.name = $2 and (v.state = 'active' or v.state = 'deprecated' and v.sunset_at > $3) limit 1`,
            [partnerId, wanted, now],
          );
          if (found.length === 0) throw new RegistryError(`${slug} has no ${what} ${wanted} that can be called.`);
        }
        await manager.query(
          `insert into operation_deprecations (partner_id, name, deprecated_at, sunset_at, successor) values ($1, $2, $3, $4, $5)
           on conflict (partner_id, name) do update set sunset_at = excluded.sunset_at, successor = excluded.successor`,
          [partnerId, name, now, sunsetAt, successor],
        );
      }),

    undeprecate: (slug, name) =>
      change(slug, async (manager, partnerId) => {
        const [, count] = await manager.query<[unknown, number]>(
          "delete from operation_deprecations where partner_id = $1 and name = $2",
          [partnerId, name],
        );
        if (count === 0) throw new RegistryError(`The operation ${name} of ${slug} is not deprecated by itself.`);
      }),
  };
}

interface MemberRow {
  readonly restMethod: "GET" | "POST" | null;
  readonly restPath: string | null;
}

const DEPRECATION = `d.name, d.deprecated_at as "deprecatedAt", d.sunset_at as "sunsetAt", d.successor`;
const REST = `m.rest_method as "restMethod", m.rest_path as "restPath"`;

/** Of versions that can no longer be called each operation once, as the newest of them had it: there may be many, and all that is told is that it is gone. */
const READ_ROWS = `
  with versions as (
    select v.*, p.slug, v.state = 'active' or v.state = 'deprecated' and v.sunset_at > $1 as callable
    from operation_versions v join partners p on p.id = v.partner_id
    where v.published_at is not null
  ), members as (
    select m.*, true as callable from operation_version_members m join versions v using (partner_id, number) where v.callable
    union all
    select * from (
      select distinct on (m.partner_id, m.operation_id) m.*, false as callable
      from operation_version_members m join versions v using (partner_id, number) where not v.callable
      order by m.partner_id, m.operation_id, m.number desc
    ) gone
  )
  select v.slug as partner, v.number as version, v.state, v.published_at as "publishedAt", v.deprecated_at as "deprecatedAt",
    v.sunset_at as "sunsetAt", v.retired_at as "retiredAt", o.id, o.name, o.type,
    case when m.callable then o.body end as body, ${REST}
  from members m
  join versions v using (partner_id, number)
  join operations o on o.partner_id = m.partner_id and o.id = m.operation_id
  order by v.slug, v.number desc, o.name, o.id`;

async function partnerIdOf(manager: EntityManager, slug: string): Promise<string> {
  const [partner] = await manager.query<{ id: string }[]>("select id from partners where slug = $1", [slug]);
  if (!partner) throw new RegistryError(`There is no partner ${slug}.`);
  return partner.id;
}

async function requireVersion(
  manager: EntityManager,
  partnerId: string,
  slug: string,
  version: number,
): Promise<VersionState> {
  const [found] = await manager.query<{ state: VersionState }[]>(
    "select state from operation_versions where partner_id = $1 and number = $2",
    [partnerId, version],
  );
  if (!found) throw new RegistryError(`${slug} has no version ${version}.`);
  return found.state;
}

async function versionsOf(manager: EntityManager, partnerId: string): Promise<StoredVersion[]> {
  const versions = await manager.query<Omit<StoredVersion, "operations">[]>(
    `select number, state, author, note, created_at as "createdAt", published_at as "publishedAt", deprecated_at as "deprecatedAt",
       sunset_at as "sunsetAt", retired_at as "retiredAt"
     from operation_versions where partner_id = $1 order by number desc`,
    [partnerId],
  );
  const members = await manager.query<({ number: number; id: string; name: string } & MemberRow)[]>(
    `select m.number, o.id, o.name, ${REST} from operation_version_members m
     join operations o on o.partner_id = m.partner_id and o.id = m.operation_id
     where m.partner_id = $1 order by o.name`,
    [partnerId],
  );
  return versions.map((version) => ({
    ...version,
    operations: members
      .filter(({ number }) => number === version.number)
      .map(({ id, name, ...rest }) => ({ id, name, rest: restOf(rest) })),
  }));
}

const lastDeprecated = (versions: readonly StoredVersion[]) =>
  versions
    .filter(({ state }) => state === "deprecated")
    .sort((a, b) => Number(b.deprecatedAt) - Number(a.deprecatedAt) || b.number - a.number)[0];

const restOf = ({ restMethod, restPath }: MemberRow) =>
  restMethod !== null && restPath !== null ? { method: restMethod, path: restPath } : undefined;

async function keepTexts(
  manager: EntityManager,
  partnerId: string,
  slug: string,
  { operations }: Publication,
  now: Date,
): Promise<void> {
  const columns = (["id", "name", "type", "body"] as const).map((column) => operations.map((one) => one[column]));
  await manager.query(
    `insert into operations (partner_id, id, name, type, body, created_at)
     select $1, given.*, $6 from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as given
     on conflict (partner_id, id) do nothing`,
    [partnerId, ...columns, now],
  );
  const others = await manager.query<{ id: string; name: string }[]>(
    `select o.id, o.name from operations o join unnest($2::text[], $3::text[]) as given (id, body) on given.id = o.id
     where o.partner_id = $1 and o.body <> given.body order by o.name`,
    [partnerId, columns[0], columns[3]],
  );
  if (others.length > 0) {
    const named = others.map(({ id, name }) => `${id} (${name})`).join(", ");
    throw new RegistryError(`An id of ${slug} stands for one text for ever, and other texts have ${named}.`);
  }
}

const deprecateActive = (manager: EntityManager, partnerId: string, sunsetAt: Date, now: Date) =>
  manager.query(
    `update operation_versions set state = 'deprecated', deprecated_at = $2, sunset_at = $3
     where partner_id = $1 and state = 'active'`,
    [partnerId, now, sunsetAt],
  );

const makeActive = (manager: EntityManager, partnerId: string, version: number, now: Date) =>
  manager.query(
    `update operation_versions
     set state = 'active', published_at = coalesce(published_at, $3), deprecated_at = null, sunset_at = null, retired_at = null
     where partner_id = $1 and number = $2`,
    [partnerId, version, now],
  );

const retire = (manager: EntityManager, partnerId: string, version: number, now: Date) =>
  manager.query(
    "update operation_versions set state = 'retired', retired_at = $3 where partner_id = $1 and number = $2",
    [partnerId, version, now],
  );
