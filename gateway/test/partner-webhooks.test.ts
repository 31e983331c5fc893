import { Broker } from "../../deploy/local/amqp/server/broker";
import { describePartnerWebhooks } from "./partner-webhooks.contract";

let broker: Broker;
let port: number;

beforeAll(async () => {
  broker = new Broker();
  port = await broker.listen(0);
});
afterAll(() => broker.close());

describePartnerWebhooks({ name: "the embedded broker", url: () => `amqp://guest:guest@127.0.0.1:${port}` });
