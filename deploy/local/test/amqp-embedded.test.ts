import { Broker } from "../amqp/server/broker";
import { describeAmqpContract } from "./amqp.contract";

jest.setTimeout(30_000);

let broker: Broker;
let port: number;

beforeAll(async () => {
  broker = new Broker();
  port = await broker.listen(0);
});

afterAll(() => broker.close());

describeAmqpContract({ name: "the embedded broker", url: () => `amqp://guest:guest@127.0.0.1:${port}` });
