import { describeAmqpContract } from "./amqp.contract";

jest.setTimeout(30_000);

const url = process.env.REAL_AMQP_URL;

if (url) {
  describeAmqpContract({ name: "a real RabbitMQ", url: () => url });
} else {
  test("REAL_AMQP_URL is not set: the contract was not run on a real RabbitMQ", () => {
    expect(url).toBeFalsy();
  });
}
