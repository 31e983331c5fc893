import { describePartnerWebhooks } from "./partner-webhooks.contract";

describePartnerWebhooks({ name: "the broker of TEST_AMQP_URL", url: () => process.env["TEST_AMQP_URL"] ?? "" });
