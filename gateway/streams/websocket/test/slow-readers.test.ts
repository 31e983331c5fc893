import type { FakeSubscription } from "./fake-streams";
import { closeClients, connect, type RawClient } from "./raw-client";
import { serve, type Served, SUBSCRIPTION } from "./serve";

let served: Served | undefined;
afterEach(async () => {
  closeClients();
  await served?.close();
});

/** More than the system takes at once. */
const big = (n: number) => ({ text: `{"data":${n},"filler":"${"x".repeat(100_000)}"}` });
const small = (n: number) => ({ text: `{"data":${n}}` });

const watch = async ({ url, streams }: Served, id = "1", client?: RawClient) => {
  const connected = client ?? (await connect(url));
  if (!client) await connected.init();
  const opened = streams.nextOpened();
  connected.send({ type: "subscribe", id, payload: { query: SUBSCRIPTION } });
  return { client: connected, stream: await opened };
};

/** Publishes until the transport takes no more for a subscription. @returns how many */
const fill = (stream: FakeSubscription, message = big): number => {
  let sent = 0;
  while (!stream.isHeld) {
    if (sent === 1_000) throw new Error("the transport takes without end");
    stream.push(message(sent++));
  }
  return sent;
};

test("one that never reads is not written to any more, and delays nobody", async () => {
  served = await serve();
  const slow = await watch(served);
  slow.client.ws.pause();
  const others = await Promise.all([1, 2, 3].map(() => watch(served as Served)));
  const taken = fill(slow.stream);
  for (let n = 0; n < 100; n++) served.streams.publish(small(n));
  for (const { client } of others) {
    for (let n = 0; n < 100; n++) expect((await client.next()).payload).toEqual({ data: n });
  }
  expect(slow.stream).toMatchObject({ isHeld: true, taken, waiting: { length: 100 } });
});

test("one that reads again gets all of it in order", async () => {
  served = await serve();
  const { client, stream } = await watch(served);
  client.ws.pause();
  const first = fill(stream);
  for (let n = 0; n < 50; n++) stream.push(big(first + n));
  client.ws.resume();
  for (let n = 0; n < first + 50; n++) expect((await client.next()).payload).toMatchObject({ data: n });
  expect(stream).toMatchObject({ isHeld: false, waiting: { length: 0 } });
});

test("subscriptions that share a slow socket get their turn one after the other", async () => {
  served = await serve();
  const { client, stream } = await watch(served, "a");
  const streams = [stream];
  for (const id of ["b", "c"]) streams.push((await watch(served, id, client)).stream);
  client.ws.pause();
  fill(stream);
  for (const each of streams) for (let n = 0; n < 20; n++) each.push(big(1_000 + n));
  client.ws.resume();
  const order: string[] = [];
  while (order.length < 60) {
    const { id, payload } = await client.next();
    if ((payload as { data: number }).data >= 1_000) order.push(id!);
  }
  for (const id of ["a", "b", "c"]) expect(order.filter((each) => each === id)).toHaveLength(20);
  // None is served to its end before another gets anything.
  for (const id of ["a", "b", "c"]) expect(order.indexOf(id)).toBeLessThan(20);
});

test("nothing is read from one that does not read: what it asks for would only wait", async () => {
  served = await serve();
  const { client, stream } = await watch(served);
  client.ws.pause();
  fill(stream);
  const before = served.state.authentications;
  const flushed = new Promise((resolve) => client.ws.send('{"type":"ping"}', resolve));
  client.send({ type: "subscribe", id: "2", payload: { query: "{ a }" } });
  await flushed;
  // Another connection's message goes there and back meanwhile.
  const other = await connect(served.url);
  await other.init();
  other.send({ type: "ping" });
  await other.next();
  expect(served.state.authentications).toBe(before + 1);
  client.ws.resume();
  while ((await client.next()).type !== "pong");
  client.send({ type: "ping" });
  while ((await client.next()).type !== "pong");
  expect(served.executions).toHaveLength(1);
});

test("one that asks and asks without reading is bounded too", async () => {
  served = await serve();
  const client = await connect(served.url);
  await client.init();
  client.ws.pause();
  const payload = { filler: "x".repeat(200_000) };
  for (let n = 0; n < 200; n++) client.send({ type: "ping", payload });
  // 40 MB of answers: far more than the system takes. Others go on, and the rest of the questions stays with the client.
  const other = await connect(served.url);
  await other.init();
  expect(client.ws.bufferedAmount).toBeGreaterThan(0);
  client.ws.resume();
  for (let n = 0; n < 200; n++) expect((await client.next()).type).toBe("pong");
});

test("one that takes no byte for the whole timeout is given up", async () => {
  served = await serve({ writeTimeoutMs: 50 });
  const { client, stream } = await watch(served);
  client.ws.pause();
  fill(stream);
  await stream.left;
  expect(await served.metric("gateway_socket_lost_total", { reason: "stalled" })).toBe(1);
});

test("a close frame reaches one that had stopped reading, behind what waits for it", async () => {
  served = await serve();
  const { client, stream } = await watch(served);
  client.ws.pause();
  const sent = fill(stream);
  const closing = served.service.close();
  client.ws.resume();
  for (let n = 0; n < sent; n++) await client.next();
  expect((await client.closed).code).toBe(1001);
  await closing;
});

test("closing does not wait for one that never reads", async () => {
  served = await serve({ closeTimeoutMs: 50 });
  const { client, stream } = await watch(served);
  client.ws.pause();
  fill(stream);
  await served.service.close();
  await stream.left;
});
