import { z } from "zod";
import { newId } from "../../../kit/ids";
import { watchedKey } from "../../streams/core/watched-key";
import { CallRefused } from "../calls/call-refused";
import type { Partner } from "../keys/partner";
import type { OperationRegistry, RegisteredOperation } from "../registry/operation-registry";
import { messageId } from "./message-id";
import type { SendMessage } from "./send-message";
import { webhookBody } from "./sign-webhook";
import { SubscriptionRefused, type Subscribed, type Subscriptions } from "./subscriptions";
import { refuseTarget, type TargetRules } from "./target-address";
import type { Attempt, WebhookEndpoint } from "./webhook";
import { createWebhookSecret, publicKeyOf, type SecretSealer, type SignatureScheme } from "./webhook-secret";
import { describeAttempt, describeEndpoint, describeMessage } from "./webhook-documents";
import type { EndpointStore, MessageStore } from "./webhook-store";

/** What partners do with their webhooks. What they send is parsed here; everything refused is a CallRefused. */
export interface WebhookApi {
  list(partner: Partner): Promise<unknown>;
  /** Its secret is in no later answer. */
  create(partner: Partner, body: unknown): Promise<{ readonly id: string; readonly document: unknown }>;
  get(partner: Partner, id: string): Promise<unknown>;
  change(partner: Partner, id: string, body: unknown): Promise<unknown>;
  remove(partner: Partner, id: string): Promise<void>;
  /** Sends a message without an event at once, whatever the state of the endpoint, and never again. */
  test(partner: Partner, id: string): Promise<unknown>;
  rotateSecret(partner: Partner, id: string, body: unknown): Promise<unknown>;
  /** @returns with `next` for the parameter `after` of the next page */
  deliveries(
    partner: Partner,
    id: string,
    query: unknown,
  ): Promise<{ readonly items: readonly unknown[]; readonly next: string | null }>;
  replayOne(partner: Partner, id: string, messageId: string): Promise<unknown>;
  /** @returns how many parked messages are sent again */
  replaySince(partner: Partner, id: string, body: unknown): Promise<unknown>;
}

export const TEST = "tributary.webhook.test";
const SCOPE = "webhooks";
const MAX_ENDPOINTS = 10;
const LOG_ENTRIES = 20;
const PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;
const MAX_REPLAYED = 1_000;
const MAX_OVERLAP_HOURS = 168;
const HOUR_MS = 3_600_000;

const variables = z.record(z.string(), z.unknown());
const newEndpoint = z.strictObject({
  url: z.string(),
  /** Its name or its id. */
  operation: z.string(),
  variables: variables.default({}),
  signature: z.enum(["v1", "v1a"]).default("v1"),
});
const changedEndpoint = z
  .strictObject({ url: z.string(), variables, state: z.enum(["active", "paused"]) })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "nothing is to be changed");
const rotation = z.strictObject({ overlapHours: z.number().min(0).max(MAX_OVERLAP_HOURS).default(24) });
const replayFrom = z.strictObject({ since: z.iso.datetime({ offset: true }) });
const page = z.strictObject({
  state: z.enum(["queued", "waiting", "delivered", "parked", "dropped"]).optional(),
  after: z
    .string()
    .regex(/^\d{1,18}$/, "is no cursor of this list")
    .optional(),
  first: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(PAGE_SIZE),
});

export function createWebhookApi(options: {
  endpoints: EndpointStore;
  messages: MessageStore;
  subscriptions: Subscriptions;
  registry: () => OperationRegistry;
  send: SendMessage;
  sealer: SecretSealer;
  rules: TargetRules;
  now: () => Date;
  /** Called when there are messages to send. */
  onReplayed: () => void;
}): WebhookApi {
  const { endpoints, messages, subscriptions, registry, send, sealer, rules, now, onReplayed } = options;
  const testing = new Set<string>();

  const own = async (partner: Partner, id: string): Promise<WebhookEndpoint> => {
    requireScope(partner);
    const endpoint = UUID.test(id) ? await endpoints.find(partner.id, id) : undefined;
    if (!endpoint || !isVisible(partner, endpoint)) {
      throw new CallRefused(404, "NOT_FOUND", "There is no such webhook.");
    }
    return endpoint;
  };

  /** Where it leads and what signs it decides who reads its messages: that is for keys that may see as much. */
  const ownWithScopes = async (partner: Partner, id: string): Promise<WebhookEndpoint> => {
    const endpoint = await own(partner, id);
    const missing = endpoint.scopes.filter((scope) => !partner.identity.scopes.includes(scope));
    if (missing.length === 0) return endpoint;
    const message = `This webhook was made by a key with more scopes: ${missing.join(", ")}.`;
    throw new CallRefused(403, "FORBIDDEN", message);
  };

  const operationOf = (partner: Partner, named: string): RegisteredOperation => {
    const operation = registry().find(partner.slug, named) ?? registry().named(partner.slug, named);
    if (operation?.type !== "subscription") {
      throw invalid("The operation must be the name or the id of a registered subscription.");
    }
    if (partner.operations && !partner.operations.has(operation.name)) {
      throw new CallRefused(403, "FORBIDDEN", `The API key was not made for the operation ${operation.name}.`);
    }
    return operation;
  };

  const requireTarget = (url: string) => {
    const refusal = refuseTarget(url, rules);
    if (refusal !== undefined) throw invalid(refusal);
  };

  /** Runs it as far as it goes without an event. */
  const requireRunnable = async (subscribed: Subscribed, scopes: readonly string[]) => {
    try {
      await subscriptions.use(subscribed, scopes, async (prepared) => {
        const key = watchedKey(prepared);
        const [refusal] = (key === undefined ? undefined : await prepared.refuse(key)) ?? [];
        if (refusal) throw new SubscriptionRefused(refusal.message);
      });
    } catch (error) {
      if (error instanceof SubscriptionRefused) throw invalid(error.message);
      throw error;
    }
  };

  const describe = async (endpoint: WebhookEndpoint) => {
    const secrets = (await endpoints.secrets(endpoint.id, now())).map(({ sealed, expiresAt }) => ({
      expiresAt,
      publicKey: publicKeyIn(sealed, endpoint.id),
    }));
    return describeEndpoint(endpoint, secrets, await endpoints.log(endpoint.id, LOG_ENTRIES));
  };

  /** Of a secret that cannot be read nothing is told: its partner can rotate it still. */
  const publicKeyIn = (sealed: string, endpointId: string): string | undefined => {
    try {
      return publicKeyOf(sealer.open(sealed, endpointId));
    } catch {
      return undefined;
    }
  };

  /** That the newest secret has. */
  const schemeNow = async (endpointId: string): Promise<SignatureScheme> => {
    const [newest] = await endpoints.secrets(endpointId, now());
    return newest && publicKeyIn(newest.sealed, endpointId) !== undefined ? "v1a" : "v1";
  };

  return {
    list: async (partner) => {
      requireScope(partner);
      const all = await endpoints.ofPartner(partner.id);
      return {
        items: all.filter((endpoint) => isVisible(partner, endpoint)).map((endpoint) => describeEndpoint(endpoint)),
      };
    },
    create: async (partner, body) => {
      requireScope(partner);
      const given = parse(newEndpoint, body);
      requireTarget(given.url);
      const operation = operationOf(partner, given.operation);
      const { scopes } = partner.identity;
      const endpoint: WebhookEndpoint = {
        id: newId(),
        partnerId: partner.id,
        partnerSlug: partner.slug,
        url: given.url,
        operationId: operation.id,
        operationName: operation.name,
        variables: given.variables,
        mode: partner.mode,
        scopes,
        state: "active",
        disabledReason: undefined,
        failingSince: undefined,
        createdAt: now(),
      };
      await requireRunnable(endpoint, scopes);
      const secret = createWebhookSecret(given.signature);
      if (!(await endpoints.create(endpoint, sealer.seal(secret, endpoint.id), MAX_ENDPOINTS))) {
        throw new CallRefused(409, "CONFLICT", `A partner has ${MAX_ENDPOINTS} webhooks at most.`);
      }
      return { id: endpoint.id, document: { ...describeEndpoint(endpoint), ...toldOf(secret) } };
    },
    get: async (partner, id) => describe(await own(partner, id)),
    change: async (partner, id, body) => {
      const endpoint = await ownWithScopes(partner, id);
      const { url, variables: given, state } = parse(changedEndpoint, body);
      if (url !== undefined) requireTarget(url);
      if (given !== undefined || state === "active") {
        await requireRunnable({ ...endpoint, ...(given ? { variables: given } : {}) }, endpoint.scopes);
      }
      const change = { ...(url && { url }), ...(given && { variables: given }), ...(state && { state }) };
      await endpoints.change(endpoint.id, change, now());
      onReplayed();
      return describe(await own(partner, id));
    },
    remove: async (partner, id) => {
      await endpoints.remove((await own(partner, id)).id);
    },
    test: async (partner, id) => {
      const endpoint = await own(partner, id);
      if (testing.has(endpoint.id)) throw new CallRefused(409, "CONFLICT", "A test of this webhook is under way.");
      testing.add(endpoint.id);
      try {
        const sent = messageId();
        const data = { endpointId: endpoint.id, operation: endpoint.operationName };
        const body = webhookBody({ type: TEST, timestamp: now().toISOString(), data });
        const attempt: Attempt = await send(endpoint, { id: sent, body });
        await messages.addSent({ id: sent, endpointId: endpoint.id, type: TEST, body, attempt });
        return { id: sent, delivered: attempt.error === undefined, attempt: describeAttempt(attempt) };
      } finally {
        testing.delete(endpoint.id);
      }
    },
    rotateSecret: async (partner, id, body) => {
      const endpoint = await ownWithScopes(partner, id);
      const { overlapHours } = parse(rotation, body ?? {});
      const secret = createWebhookSecret(await schemeNow(endpoint.id));
      const at = now();
      const expiresAt = new Date(at.getTime() + overlapHours * HOUR_MS);
      await endpoints.rotate(endpoint.id, sealer.seal(secret, endpoint.id), { at, expiresAt });
      return { ...toldOf(secret), previousExpiresAt: expiresAt.toISOString() };
    },
    deliveries: async (partner, id, query) => {
      const endpoint = await own(partner, id);
      const { state, after, first } = parse(page, query);
      const found = await messages.page(endpoint.id, { state, before: after, limit: first });
      const attempts = await messages.attempts(found.messages.map((message) => message.id));
      const items = found.messages.map((message) => describeMessage(message, attempts.get(message.id) ?? []));
      return { items, next: found.next ?? null };
    },
    replayOne: async (partner, id, message) => {
      const endpoint = await own(partner, id);
      if (!(await messages.replay(endpoint.id, message, now()))) {
        throw new CallRefused(404, "NOT_FOUND", "There is no such message, or it is still to be sent.");
      }
      onReplayed();
      return { replayed: 1 };
    },
    replaySince: async (partner, id, body) => {
      const endpoint = await own(partner, id);
      const { since } = parse(replayFrom, body);
      const replayed = await messages.replayParked(endpoint.id, new Date(since), MAX_REPLAYED, now());
      onReplayed();
      return { replayed };
    },
  };
}

/** What the partner verifies with: shown this once, or public. */
const toldOf = (secret: string) => {
  const publicKey = publicKeyOf(secret);
  return publicKey === undefined ? { secret } : { publicKey };
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A test key sees nothing of what is live, and the other way round; a key for some operations nothing of others. */
const isVisible = ({ mode, operations }: Partner, endpoint: WebhookEndpoint): boolean =>
  endpoint.mode === mode && (operations?.has(endpoint.operationName) ?? true);

const requireScope = ({ identity }: Partner) => {
  if (!identity.scopes.includes(SCOPE)) throw new CallRefused(403, "FORBIDDEN", `This needs the scope "${SCOPE}".`);
};

const invalid = (message: string) => new CallRefused(422, "BAD_USER_INPUT", message);

/** @throws CallRefused 400 with the first thing that does not fit */
function parse<Shape extends z.ZodType>(shape: Shape, given: unknown): z.output<Shape> {
  const result = shape.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join(".") ?? "";
  throw new CallRefused(
    400,
    "BAD_USER_INPUT",
    `${place === "" ? "The request" : `"${place}"`}: ${issue?.message ?? "does not fit"}.`,
  );
}
