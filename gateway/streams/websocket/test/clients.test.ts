import { type ExecutionResult, GraphQLError } from "graphql";
import { type Client, type ClientOptions, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { serve, type Served, SUBSCRIPTION } from "./serve";

let served: Served;
const clients: Client[] = [];
beforeEach(async () => void (served = await serve()));
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  await served.close();
});

const clientOf = (options: Partial<ClientOptions> = {}): Client => {
  const client = createClient({ url: served.url, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
  clients.push(client);
  return client;
};

test("a subscription runs until its reader leaves", async () => {
  const results = clientOf({ connectionParams: { Authorization: "Bearer u1" } }).iterate({ query: SUBSCRIPTION });
  const opened = served.streams.nextOpened();
  const first = results.next();
  const stream = await opened;
  stream.push({ text: '{"data":{"ticks":1}}' });
  expect((await first).value).toEqual({ data: { ticks: 1 } });
  stream.push({ text: '{"data":{"ticks":2}}' });
  expect((await results.next()).value).toEqual({ data: { ticks: 2 } });
  await results.return?.();
  await stream.left;
});

test("a subscription that ends, ends at the client", async () => {
  const results = clientOf().iterate({ query: SUBSCRIPTION });
  const opened = served.streams.nextOpened();
  const first = results.next();
  (await opened).end({ kind: "complete" });
  expect(await first).toEqual({ done: true, value: undefined });
});

test("errors that end a subscription are thrown at its reader, with their codes", async () => {
  const results = clientOf().iterate({ query: SUBSCRIPTION });
  const opened = served.streams.nextOpened();
  const first = results.next();
  const error = new GraphQLError("Too slow.", { extensions: { code: "SUBSCRIPTION_SLOW_CONSUMER", cursor: "c1" } });
  (await opened).end({ kind: "error", errors: [error] });
  await expect(first).rejects.toEqual([{ message: "Too slow.", extensions: error.extensions }]);
});

test("a query is answered once", async () => {
  const results = clientOf().iterate({ query: "{ a }" });
  const first = results.next();
  while (!served.executions[0]) await new Promise((resolve) => setImmediate(resolve));
  served.executions[0].answer({ data: { a: 1 } });
  expect((await first).value).toEqual({ data: { a: 1 } });
  expect((await results.next()).done).toBe(true);
});

test("a client's own pings are answered", async () => {
  const client = clientOf({ lazy: false, keepAlive: 5 });
  await new Promise((resolve) => client.on("pong", (received) => received && resolve(undefined)));
});

test("after its process ended a client comes back to another and resumes behind the last message", async () => {
  const second = await serve();
  const urls = [served.url, second.url];
  const closes: number[] = [];
  const client = clientOf({
    url: () => urls.shift()!,
    retryAttempts: 5,
    retryWait: () => Promise.resolve(),
    on: { closed: (event) => closes.push((event as { code: number }).code) },
  });
  const payload = { query: SUBSCRIPTION, extensions: {} as { resume?: { cursor: string } } };
  const results: unknown[] = [];
  const [onFirst, onSecond] = [served.streams.nextOpened(), second.streams.nextOpened()];
  const done = new Promise<void>((resolve, reject) => {
    client.subscribe(payload, {
      // docs/guides/websocket.md: the payload is read again for each connection.
      next: (result: ExecutionResult) => {
        results.push(result.data);
        payload.extensions.resume = { cursor: result.extensions?.["cursor"] as string };
      },
      error: reject,
      complete: resolve,
    });
  });
  const first = await onFirst;
  expect(first.request.cursor).toBeUndefined();
  first.push({ text: '{"data":1,"extensions":{"cursor":"c1"}}' });
  first.push({ text: '{"data":2,"extensions":{"cursor":"c2"}}' });
  await served.service.close();
  const again = await onSecond;
  expect(again.request.cursor).toBe("c2");
  again.push({ text: '{"data":3,"extensions":{"cursor":"c3","recovered":true}}' });
  again.end({ kind: "complete" });
  await done;
  expect(results).toEqual([1, 2, 3]);
  expect(closes[0]).toBe(1001);
  await client.dispose();
  await second.close();
});

test("a connection that breaks is made anew by the client, with the cursor", async () => {
  const client = clientOf({ retryAttempts: 5, retryWait: () => Promise.resolve() });
  const payload = { query: SUBSCRIPTION, extensions: {} as { resume?: { cursor: string } } };
  const arrived = new Promise<void>((resolve) => {
    client.subscribe(payload, {
      next: () => {
        payload.extensions.resume = { cursor: "c1" };
        resolve();
      },
      error: () => undefined,
      complete: () => undefined,
    });
  });
  const first = await served.streams.nextOpened();
  first.push({ text: '{"data":1}' });
  await arrived;
  const opened = served.streams.nextOpened();
  client.terminate();
  expect((await opened).request.cursor).toBe("c1");
  await first.left;
});

test("a token that is not valid ends the client's attempts with 4403", async () => {
  const closed = new Promise<number>((resolve) => {
    const client = clientOf({ connectionParams: { authorization: "Bearer old" } });
    client.on("closed", (event) => resolve((event as { code: number }).code));
    client.subscribe({ query: SUBSCRIPTION }, { next: () => {}, error: () => {}, complete: () => {} });
  });
  expect(await closed).toBe(4403);
});
