import path from "node:path";
import { connect } from "amqplib";
import { startBrokerProcess, type BrokerProcess } from "./amqp-broker-process";
import { useTemporaryFolder } from "./temporary-folder";

const folder = useTemporaryFolder();
const started: BrokerProcess[] = [];

afterEach(async () => {
  for (const broker of started.splice(0)) await broker.kill();
});

async function start(): Promise<BrokerProcess> {
  const broker = await startBrokerProcess({ AMQP_DATA_DIR: folder() });
  started.push(broker);
  return broker;
}

describe("the broker's process", () => {
  it("says that it is for development, tells clients when it ends, and ends with 0 on SIGTERM", async () => {
    const broker = await start();
    expect(broker.output()).toMatch(/for development and tests, not for production/);
    const connection = await connect(broker.url);
    connection.on("error", () => undefined);
    const told = new Promise<Error>((resolve) => connection.once("close", resolve));
    expect(await broker.stop()).toBe(0);
    expect((await told).message).toMatch(/CONNECTION_FORCED - broker forced connection closure/);
  });

  it("ends when its parent is gone", async () => {
    const broker = await start();
    const ended = new Promise((resolve) => broker.child.once("exit", resolve));
    broker.child.disconnect();
    expect(await ended).toBe(0);
  });

  it("ends with one sentence when its port is taken", async () => {
    const { url } = await start();
    const second = startBrokerProcess({ PORT: new URL(url).port, AMQP_DATA_DIR: path.join(folder(), "second") });
    await expect(second).rejects.toThrow(/the AMQP broker cannot start: listen EADDRINUSE/);
  });
});
