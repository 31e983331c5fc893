import { Broker } from "../../deploy/local/amqp/server/broker";
import { runDeadLetters } from "../amqp/run-dead-letters";
import { describeDeadLetters } from "./dead-letters.contract";

describeDeadLetters({ name: "the broker of TEST_AMQP_URL", url: () => process.env["TEST_AMQP_URL"] ?? "" });

describe("without streams", () => {
  let broker: Broker;
  let port: number;
  beforeAll(async () => {
    broker = new Broker({ streams: false });
    port = await broker.listen(0);
  });
  afterAll(() => broker.close());

  describeDeadLetters({ name: "a broker without streams", url: () => `amqp://guest:guest@127.0.0.1:${port}` });
});

test("the broker has to be named", async () => {
  await expect(runDeadLetters(["list"], {})).rejects.toThrow("AMQP_URL is not set");
});
