import type { BrokerUnderTest } from "./amqp-contract/broker-under-test";
import { confirmsContract } from "./amqp-contract/confirms";
import { consumersContract } from "./amqp-contract/consumers";
import { deadLettersContract } from "./amqp-contract/dead-letters";
import { queuesContract } from "./amqp-contract/queues";
import { quorumContract } from "./amqp-contract/quorum";
import { refusalsContract } from "./amqp-contract/refusals";
import { routingContract } from "./amqp-contract/routing";
import { streamsContract } from "./amqp-contract/streams";
import { wireContract } from "./amqp-contract/wire";

/**
 * What the services may rely on, whichever broker is behind AMQP_URL: the same tests run on the embedded broker and on a
 * real RabbitMQ. Registers them with Jest under the broker's name.
 */
export function describeAmqpContract(broker: BrokerUnderTest): void {
  describe(`the AMQP contract on ${broker.name}`, () => {
    describe("routing", () => routingContract(broker));
    describe("consumers", () => consumersContract(broker));
    describe("queues", () => queuesContract(broker));
    describe("publisher confirms", () => confirmsContract(broker));
    describe("dead letters and delays", () => deadLettersContract(broker));
    describe("quorum queues", () => quorumContract(broker));
    describe("streams", () => streamsContract(broker));
    describe("refusals", () => refusalsContract(broker));
    describe("the wire", () => wireContract(broker));
  });
}
