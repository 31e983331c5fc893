import type { SendWebhook } from "./send-webhook";
import { signWebhook } from "./sign-webhook";
import type { Attempt, WebhookEndpoint } from "./webhook";
import type { SecretSealer } from "./webhook-secret";
import type { EndpointStore } from "./webhook-store";

const NO_SECRET = "The secret of the endpoint cannot be read any more: rotate it.";

/** Sends a message once, signed with every secret of the endpoint that is valid now. */
export type SendMessage = (
  endpoint: Pick<WebhookEndpoint, "id" | "url">,
  message: { readonly id: string; readonly body: string },
) => Promise<Attempt>;

export const createSendMessage =
  (options: {
    endpoints: Pick<EndpointStore, "secrets">;
    sealer: SecretSealer;
    send: SendWebhook;
    now: () => Date;
  }): SendMessage =>
  async ({ id: endpointId, url }, { id, body }) => {
    const { endpoints, sealer, send, now } = options;
    /** One of before that cannot be read any more does not keep the others from signing. */
    const opened = (sealed: string, of: string): string[] => {
      try {
        return [sealer.open(sealed, of)];
      } catch {
        return [];
      }
    };
    const at = now();
    const secrets = (await endpoints.secrets(endpointId, at)).flatMap(({ sealed }) => opened(sealed, endpointId));
    if (secrets.length === 0) return { at, status: undefined, durationMs: 0, error: NO_SECRET, response: undefined };
    return send({ url, headers: signWebhook({ id, body, at }, secrets), body, at });
  };
