import { Registry } from "prom-client";
import { newId } from "../../../../kit/ids";
import { createLogger } from "../../../../kit/log";
import { createTestDatabase } from "../../../../kit/test/postgres-database";
import { createEndpointStore } from "../../store/webhook-endpoints";
import { createMessageStore } from "../../store/webhook-messages";
import { openPartnersDatabase } from "../../store/open-partners-database";
import type { WebhookEndpoint } from "../webhook";
import { createWebhookMetrics } from "../webhook-metrics";
import { createSecretSealer, createWebhookSecret } from "../webhook-secret";

export const EVENT_TYPE = "shop.thing.changed.v1";
export const log = createLogger("test", "silent");
export const sealer = createSecretSealer("a key of the gateway's");
export const metrics = () => createWebhookMetrics(new Registry());

/** An empty database of the partner API, with a partner. */
export async function openWebhookDatabase() {
  const database = await createTestDatabase();
  const { source, close } = await openPartnersDatabase({ url: database.url, log });
  const partnerId = newId();
  await source.query("insert into partners (id, slug, name) values ($1, 'acme', 'Acme')", [partnerId]);
  await source.query(
    "insert into api_keys (id, partner_id, hash, mode, scopes) values ('keyOfAcme001', $1, 'x', 'live', '{webhooks,things:read}')",
    [partnerId],
  );
  const endpoints = createEndpointStore(source);
  const messages = createMessageStore(source);

  /** @returns the endpoint with its secret */
  const endpoint = async (url: string, more: Partial<WebhookEndpoint> = {}) => {
    const made: WebhookEndpoint = {
      id: newId(),
      partnerId,
      partnerSlug: "acme",
      url,
      operationId: "sha256:0",
      operationName: "Things",
      variables: {},
      mode: "live",
      scopes: ["webhooks", "things:read"],
      state: "active",
      disabledReason: undefined,
      failingSince: undefined,
      createdAt: new Date(1_800_000_000_000),
      ...more,
    };
    const secret = createWebhookSecret();
    if (!(await endpoints.create(made, sealer.seal(secret, made.id), 100))) throw new Error("there are too many");
    return { ...made, secret };
  };
  const event = (entity: string, n = 0) => ({
    id: newId(),
    type: EVENT_TYPE,
    source: "/shop",
    subject: entity,
    time: new Date(1_800_000_000_000 + n).toISOString(),
    data: { id: entity, n },
  });
  /** Events for an endpoint whose bodies are made already: entity and number. */
  const ready = async (endpointId: string, all: readonly (readonly [entity: string, n: number])[], at: Date) => {
    for (const [entity, n] of all) await messages.add({ endpointId, event: event(entity, n), entity, at });
    const token = newId();
    const until = new Date(at.getTime() + 1_000);
    for (const lease of await messages.leaseToRender({ at, until, token, limit: 1_000 })) {
      await messages.rendered(
        lease,
        JSON.stringify({ type: EVENT_TYPE, timestamp: lease.event.time, data: lease.event.data }),
        at,
      );
    }
  };
  return {
    url: database.url,
    source,
    partnerId,
    endpoints,
    messages,
    endpoint,
    event,
    ready,
    close: async () => {
      await close();
      await database.close();
    },
  };
}

export type WebhookDatabase = Awaited<ReturnType<typeof openWebhookDatabase>>;
