import { createHeartbeat } from "../heartbeat";
import { closeClients, connect } from "./raw-client";
import { serve, type Served, SUBSCRIPTION } from "./serve";

describe("one timer for all", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("each member beats once in an interval, and they are spread over it", () => {
    const heartbeat = createHeartbeat(1_200);
    const beats: number[] = [];
    const members = Array.from({ length: 24 }, (_, i) => ({ beat: () => void beats.push(i) }));
    for (const member of members) heartbeat.add(member);
    expect(jest.getTimerCount()).toBe(1);
    for (let tick = 1; tick <= 24; tick++) {
      jest.advanceTimersByTime(50);
      expect(beats).toHaveLength(tick);
    }
    expect(new Set(beats).size).toBe(24);
    heartbeat.close();
  });

  test("a member that was removed does not beat, and without members there is no timer", () => {
    const heartbeat = createHeartbeat(1_200);
    const [first, second] = [{ beat: jest.fn() }, { beat: jest.fn() }];
    heartbeat.add(first);
    heartbeat.add(second);
    heartbeat.remove(first);
    heartbeat.remove(first);
    jest.advanceTimersByTime(1_200);
    expect(first.beat).not.toHaveBeenCalled();
    expect(second.beat).toHaveBeenCalledTimes(1);
    heartbeat.remove(second);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe("peers", () => {
  let served: Served;
  beforeEach(async () => void (served = await serve({ heartbeatMs: 12 })));
  afterEach(async () => {
    closeClients();
    await served.close();
  });

  test("one that is gone without a word is noticed, and its subscriptions end", async () => {
    const client = await connect(served.url, { autoPong: false });
    await client.init();
    const opened = served.streams.nextOpened();
    client.send({ type: "subscribe", id: "1", payload: { query: SUBSCRIPTION } });
    await (
      await opened
    ).left;
    expect((await client.closed).code).toBe(1006);
    expect(await served.metric("gateway_socket_lost_total", { reason: "silent" })).toBe(1);
  });

  test("one that answers pings stays", async () => {
    const client = await connect(served.url);
    await client.init();
    for (let pings = 0; pings < 10; pings++) await new Promise((resolve) => client.ws.once("ping", resolve));
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
  });
});
