import type { DataSource } from "typeorm";
import type { EndpointStore, MessageStore } from "../webhooks/webhook-store";
import { createEndpointStore } from "./webhook-endpoints";
import { createMessageStore } from "./webhook-messages";

export interface WebhookStores {
  readonly endpoints: EndpointStore;
  readonly messages: MessageStore;
}

export const createWebhookStores = (source: DataSource): WebhookStores => ({
  endpoints: createEndpointStore(source),
  messages: createMessageStore(source),
});
