import { drainConnections } from "../drain-connections";
import { closeClients, connect, refusalOf } from "./raw-client";
import { serve, type Served, SUBSCRIPTION } from "./serve";

let served: Served;
beforeEach(async () => void (served = await serve()));
afterEach(async () => {
  closeClients();
  await served.close();
});

test("when the process ends, clients are told to go away and no subscription is completed", async () => {
  const client = await connect(served.url);
  await client.init();
  const opened = served.streams.nextOpened();
  client.send({ type: "subscribe", id: "1", payload: { query: SUBSCRIPTION } });
  const stream = await opened;
  const idle = await connect(served.url);
  await served.service.close();
  expect(await client.closed).toEqual({ code: 1001, reason: "Going away" });
  expect((await idle.closed).code).toBe(1001);
  expect(client.unread).toEqual([]);
  await stream.left;
  expect(await served.metric("gateway_socket_connections")).toBe(0);
  expect(await served.metric("gateway_socket_closed_total", { code: "1001" })).toBe(2);
});

test("when the core ends first, its subscriptions go away the same way", async () => {
  const client = await connect(served.url);
  await client.init();
  for (const id of ["1", "2"]) {
    const opened = served.streams.nextOpened();
    client.send({ type: "subscribe", id, payload: { query: SUBSCRIPTION } });
    await opened;
  }
  await served.streams.close();
  expect(await client.closed).toEqual({ code: 1001, reason: "Going away" });
  expect(client.unread).toEqual([]);
});

test("meanwhile nobody is let in", async () => {
  // It does not answer the close frame before it reads on.
  const open = await connect(served.url);
  open.ws.pause();
  const closing = served.service.close();
  expect(await refusalOf(served.url)).toBe(503);
  open.ws.resume();
  await closing;
});

test("thousands are told in steps, over the given time", async () => {
  jest.useFakeTimers();
  try {
    const told: number[] = [];
    const connections = new Set(Array.from({ length: 10_000 }, (_, i) => ({ goAway: () => void told.push(i) })));
    const drained = drainConnections(connections, 1_000);
    expect(told).toHaveLength(200);
    await jest.advanceTimersByTimeAsync(500);
    expect(told.length).toBeGreaterThan(4_000);
    expect(told.length).toBeLessThan(6_000);
    await jest.advanceTimersByTimeAsync(500);
    await drained;
    expect(told).toHaveLength(10_000);
  } finally {
    jest.useRealTimers();
  }
});
