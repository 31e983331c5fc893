import type { SendWebhook } from "./send-webhook";
import { signWebhook } from "./sign-webhook";
import type { Attempt, WebhookEndpoint } from "./webhook";
import type { SecretSealer } from "./webhook-secret";
import type { EndpointStore } from "./webhook-store";

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
    const at = now();
    const secrets = (await endpoints.secrets(endpointId, at)).map(({ sealed }) => sealer.open(sealed, endpointId));
    return send({ url, headers: signWebhook({ id, body, at }, secrets), body, at });
  };
