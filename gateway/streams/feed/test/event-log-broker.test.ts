import { describeEventLog } from "./event-log.contract";

describeEventLog({ name: "the broker of TEST_AMQP_URL", url: () => process.env["TEST_AMQP_URL"] ?? "" });
