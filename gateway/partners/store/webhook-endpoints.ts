import type { DataSource, EntityManager } from "typeorm";
import { newId } from "../../../kit/ids";
import type { WebhookEndpoint } from "../webhooks/webhook";
import type { EndpointStore, LogEntry, SealedSecret, StoredSecret } from "../webhooks/webhook-store";

/** What of an endpoint a row holds, under the alias `e` with its partner as `p`. */
export const ENDPOINT_COLUMNS = `e.id as endpoint_id, e.partner_id, p.slug, e.url, e.operation_id, e.operation_name, e.variables, e.mode, e.scopes,
  e.state as endpoint_state, e.disabled_reason, e.failing_since, e.created_at as endpoint_created_at`;
const ENDPOINTS = `select ${ENDPOINT_COLUMNS} from webhook_endpoints e join partners p on p.id = e.partner_id`;

export interface EndpointRow {
  endpoint_id: string;
  partner_id: string;
  slug: string;
  url: string;
  operation_id: string;
  operation_name: string;
  variables: Record<string, unknown>;
  mode: WebhookEndpoint["mode"];
  scopes: string[];
  endpoint_state: WebhookEndpoint["state"];
  disabled_reason: string | null;
  failing_since: Date | null;
  endpoint_created_at: Date;
}

export const toEndpoint = (row: EndpointRow): WebhookEndpoint => ({
  id: row.endpoint_id,
  partnerId: row.partner_id,
  partnerSlug: row.slug,
  url: row.url,
  operationId: row.operation_id,
  operationName: row.operation_name,
  variables: row.variables,
  mode: row.mode,
  scopes: row.scopes,
  state: row.endpoint_state,
  disabledReason: row.disabled_reason ?? undefined,
  failingSince: row.failing_since ?? undefined,
  createdAt: row.endpoint_created_at,
});

/** Rows of an `update` or a `delete … returning`, which TypeORM gives beside their number. */
export const returned = <Row>(result: unknown): Row[] => (result as [Row[], number])[0];

const note = (manager: EntityManager | DataSource, id: string, { at, kind, detail }: LogEntry): Promise<unknown> =>
  manager.query("insert into webhook_log (id, endpoint_id, at, kind, detail) values ($1, $2, $3, $4, $5)", [
    newId(),
    id,
    at,
    kind,
    detail,
  ]);

const revise = (manager: EntityManager): Promise<unknown> =>
  manager.query("update webhook_revision set value = value + 1");

/** Endpoints of webhooks in the database of the partner API. */
export function createEndpointStore(source: DataSource): EndpointStore {
  const select = async (rest: string, parameters: unknown[]): Promise<WebhookEndpoint[]> =>
    (await source.query<EndpointRow[]>(`${ENDPOINTS} ${rest}`, parameters)).map(toEndpoint);

  const seal = (manager: EntityManager, id: string, sealed: string, at: Date) =>
    manager.query("insert into webhook_secrets (id, endpoint_id, sealed, created_at) values ($1, $2, $3, $4)", [
      newId(),
      id,
      sealed,
      at,
    ]);

  return {
    revision: async () =>
      (await source.query<{ value: string }[]>("select value from webhook_revision"))[0]?.value ?? "",
    live: () => select("where e.mode = 'live' and e.state <> 'disabled' order by e.id", []),
    ofPartner: (partnerId) => select("where e.partner_id = $1 order by e.created_at, e.id", [partnerId]),
    find: async (partnerId, id) => (await select("where e.partner_id = $1 and e.id = $2", [partnerId, id]))[0],
    create: (endpoint, sealed, max) =>
      source.transaction(async (manager) => {
        // Of two that are made at the same time the second counts the first.
        await manager.query("select id from partners where id = $1 for no key update", [endpoint.partnerId]);
        const [count] = await manager.query<{ n: number }[]>(
          "select count(*)::int as n from webhook_endpoints where partner_id = $1",
          [endpoint.partnerId],
        );
        if (!count || count.n >= max) return false;
        await manager.query(
          `insert into webhook_endpoints (id, partner_id, url, operation_id, operation_name, variables, mode, scopes, state, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
          [
            endpoint.id,
            endpoint.partnerId,
            endpoint.url,
            endpoint.operationId,
            endpoint.operationName,
            JSON.stringify(endpoint.variables),
            endpoint.mode,
            endpoint.scopes,
            endpoint.state,
            endpoint.createdAt,
          ],
        );
        await seal(manager, endpoint.id, sealed, endpoint.createdAt);
        await note(manager, endpoint.id, { at: endpoint.createdAt, kind: "created", detail: endpoint.operationName });
        await revise(manager);
        return true;
      }),
    change: (id, { url, variables, state }, at) =>
      source.transaction(async (manager) => {
        const rows = returned<{ id: string }>(
          await manager.query(
            `update webhook_endpoints set url = coalesce($2, url), variables = coalesce($3, variables), state = coalesce($4, state),
               disabled_reason = case when $4 is null then disabled_reason end,
               failing_since = case when $4 = 'active' then null else failing_since end,
               parked_in_a_row = case when $4 = 'active' then 0 else parked_in_a_row end
             where id = $1 returning id`,
            [id, url ?? null, variables === undefined ? null : JSON.stringify(variables), state ?? null],
          ),
        );
        if (rows.length === 0) return false;
        const detail = [url && "url", variables && "variables", state && `state: ${state}`].filter(Boolean).join(", ");
        await note(manager, id, { at, kind: "changed", detail });
        await revise(manager);
        return true;
      }),
    disable: (id, reason, at) =>
      source.transaction(async (manager) => {
        const rows = returned<{ id: string }>(
          await manager.query(
            "update webhook_endpoints set state = 'disabled', disabled_reason = $2 where id = $1 and state = 'active' returning id",
            [id, reason],
          ),
        );
        if (rows.length === 0) return false;
        await note(manager, id, { at, kind: "disabled", detail: reason });
        await revise(manager);
        return true;
      }),
    remove: (id) =>
      source.transaction(async (manager) => {
        const rows = returned(await manager.query("delete from webhook_endpoints where id = $1 returning id", [id]));
        await revise(manager);
        return rows.length > 0;
      }),
    secrets: async (id, at) =>
      (
        await source.query<{ sealed: string; expires_at: Date | null }[]>(
          `select sealed, expires_at from webhook_secrets where endpoint_id = $1 and (expires_at is null or expires_at > $2)
           order by created_at desc, id desc`,
          [id, at],
        )
      ).map(({ sealed, expires_at: expiresAt }): SealedSecret => ({ sealed, expiresAt: expiresAt ?? undefined })),
    rotate: (id, sealed, { at, expiresAt }) =>
      source.transaction(async (manager) => {
        await manager.query("delete from webhook_secrets where endpoint_id = $1 and expires_at <= $2", [id, at]);
        await manager.query(
          "update webhook_secrets set expires_at = $2 where endpoint_id = $1 and (expires_at is null or expires_at > $2)",
          [id, expiresAt],
        );
        await seal(manager, id, sealed, at);
        const detail = `the secrets of before end at ${expiresAt.toISOString()}`;
        await note(manager, id, { at, kind: "secret-rotated", detail });
      }),
    sealedSecrets: (after, limit) =>
      source.query<StoredSecret[]>(
        `select id, endpoint_id as "endpointId", sealed from webhook_secrets where $1::uuid is null or id > $1 order by id limit $2`,
        [after ?? null, limit],
      ),
    reseal: async ({ id, sealed: from }, sealed) => {
      const statement = "update webhook_secrets set sealed = $3 where id = $1 and sealed = $2 returning id";
      return returned(await source.query(statement, [id, from, sealed])).length > 0;
    },
    note: async (id, entry) => void (await note(source, id, entry)),
    log: (id, limit) =>
      source.query<LogEntry[]>(
        "select at, kind, detail from webhook_log where endpoint_id = $1 order by at desc, id desc limit $2",
        [id, limit],
      ),
    scopesOf: async (partnerId, mode, at) =>
      (
        await source.query<{ scope: string }[]>(
          `select distinct unnest(scopes) as scope from api_keys
           where partner_id = $1 and mode = $2 and revoked_at is null and (expires_at is null or expires_at > $3)`,
          [partnerId, mode, at],
        )
      ).map(({ scope }) => scope),
  };
}
