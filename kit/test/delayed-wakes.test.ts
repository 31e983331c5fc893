import { connect } from "amqplib";
import { Broker as EmbeddedBroker } from "../../deploy/local/amqp/server/broker";
import { type Broker, connectBroker } from "../amqp/connect-broker";
import { createDelayedWakes, type DelayedWakes } from "../amqp/delayed-wakes";
import { createTopology } from "../amqp/topology";
import { newId } from "../ids";
import { createLogger } from "../log";

const log = createLogger("test", "silent");
const DELAYS_MS = [20, 200];

let embedded: EmbeddedBroker;
let port: number;
beforeAll(async () => {
  embedded = new EmbeddedBroker();
  port = await embedded.listen(0);
});
afterAll(() => embedded.close());

describe.each([
  ["the embedded broker", () => `amqp://guest:guest@127.0.0.1:${port}`],
  ["the broker of TEST_AMQP_URL", () => process.env["TEST_AMQP_URL"] ?? ""],
])("wake-ups on %s", (_name, url) => {
  const topology = createTopology(`t-${newId()}`);
  let broker: Broker;
  let open: DelayedWakes[] = [];
  const woken: { at: Date; after: number }[] = [];
  let tell = () => undefined as void;

  const wakes = () => {
    const made = createDelayedWakes({
      broker,
      topology,
      service: "test",
      name: "things",
      delaysMs: DELAYS_MS,
      onWake: (at) => {
        woken.push({ at, after: Date.now() });
        tell();
      },
      log,
    });
    open.push(made);
    return made;
  };
  /** Again until there is a channel. */
  const send = async (on: DelayedWakes, delayMs: number, at: Date) => {
    while (!on.in(delayMs, at)) await new Promise(setImmediate);
  };
  const count = async (n: number) => {
    while (woken.length < n) await new Promise<void>((resolve) => (tell = resolve));
  };

  beforeAll(async () => {
    broker = await connectBroker({ url: url(), log, name: "test" });
  });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    open = [];
    woken.splice(0);
  });
  afterAll(async () => {
    await broker.close();
    const connection = await connect(url());
    const channel = await connection.createChannel();
    for (const name of ["wake", ...DELAYS_MS.map((ms) => `in.${ms}ms`)]) {
      await channel.deleteQueue(topology.handlerQueue("test", `things.${name}`));
    }
    await connection.close();
  });

  test("come when their delay is over, a short one before a long one that was sent sooner", async () => {
    const one = wakes();
    const began = Date.now();
    const [late, soon] = [new Date(2_000_000), new Date(1_000_000)];
    await send(one, 200, late);
    await send(one, 20, soon);
    await count(2);
    expect(woken.map(({ at }) => at)).toEqual([soon, late]);
    expect(woken[0]!.after - began).toBeGreaterThanOrEqual(19);
    expect(woken[1]!.after - began).toBeGreaterThanOrEqual(199);
  });

  test("wake one process, and wait for one while there is none", async () => {
    const [one, two] = [wakes(), wakes()];
    await send(one, 20, new Date(1));
    await send(two, 20, new Date(2));
    await count(2);
    expect(woken.map(({ at }) => at.getTime()).sort()).toEqual([1, 2]);
    await send(one, 20, new Date(3));
    await Promise.all(open.splice(0).map((each) => each.close()));
    wakes();
    await count(3);
    expect(woken.map(({ at }) => at.getTime()).sort()).toEqual([1, 2, 3]);
  });

  test("what is no wake-up is set aside, and the next one comes", async () => {
    const one = wakes();
    const connection = await connect(url());
    const channel = await connection.createChannel();
    await send(one, 20, new Date(1));
    await count(1);
    channel.sendToQueue(topology.handlerQueue("test", "things.wake"), Buffer.from("no time"));
    await channel.close();
    await connection.close();
    await send(one, 20, new Date(2));
    await count(2);
    expect(woken.map(({ at }) => at.getTime())).toEqual([1, 2]);
    expect(() => one.in(30, new Date())).toThrow("30 ms");
  });
});
