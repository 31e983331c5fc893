import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { CUSTOMER } from "../harness/demo";
import { createGraphqlClient } from "../harness/graphql-client";
import { type ChildProcess, isAlive } from "../harness/child-processes";
import { startSupervisor, type Supervisor } from "../harness/supervisor";
import { waitUntil, within } from "../harness/wait-until";
import { commandsOn, paste } from "./paste";

const STOP_MS = 10_000;
jest.setTimeout(120_000);

/** Embedded servers only: a newcomer has nothing else. Each test begins where the one before has left the data. */
describe("a newcomer's first minute", () => {
  const dataDirectory = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-story-"));
  const started: Supervisor[] = [];
  let current: Supervisor;
  let url: string;
  let orderId: string;
  const start = (env?: Record<string, string>) => {
    current = startSupervisor(dataDirectory, env);
    started.push(current);
    return current;
  };
  const untilGone = (family: readonly ChildProcess[]) =>
    waitUntil("every process to be gone", () => !family.some(isAlive), { deadlineMs: STOP_MS });

  afterAll(async () => {
    for (const supervisor of started) await supervisor.close();
    fs.rmSync(dataDirectory, { recursive: true, force: true });
  });

  it("one command brings up a screen that says where everything is, and last that it is ready", async () => {
    url = await start().untilReady();
    const screen = current.output();
    expect(screen.trimEnd().split("\n").at(-1)).toBe(`Tributary is ready at ${url}`);
    for (const each of [
      `${url}/graphql`,
      `${url}/explorer`,
      `${url}/health/ready`,
      CUSTOMER.email,
      CUSTOMER.password,
    ]) {
      expect(screen).toContain(each);
    }
    expect(screen).toMatch(/trib_live_\w+/);
    const names = current.children().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["users", "products", "orders", "gateway", "amqp", "postgres"]));
  });

  it("the printed query, pasted into a shell, answers across three databases", async () => {
    const [query] = commandsOn(current.output());
    const { data, errors } = JSON.parse(await paste(query!).untilEnded()) as {
      data: { me: { name: string; orders: { nodes: { lines: { variant: { product: { name: string } } }[] }[] } } };
      errors?: unknown;
    };
    expect(errors).toBeUndefined();
    expect(data.me.name).toBe(CUSTOMER.name);
    expect(data.me.orders.nodes[0]?.lines[0]?.variant.product.name).toMatch(/\w/);
  });

  it("the printed order, pasted into a shell, is placed", async () => {
    const [, order] = commandsOn(current.output());
    const { data } = JSON.parse(await paste(order!).untilEnded()) as {
      data: { placeOrder: { order: { id: string; status: string } } };
    };
    expect(data.placeOrder.order.status).toBe("PENDING");
    orderId = data.placeOrder.order.id;
    await waitUntil("the order to be confirmed", async () => (await statusOf(url, orderId)) === "CONFIRMED");
  });

  it("the printed subscription, pasted into a shell, shows an order becoming confirmed", async () => {
    const [, , watch, ...more] = commandsOn(current.output());
    expect(more).toEqual([]);
    const watching = paste(watch!);
    try {
      await waitUntil(`CONFIRMED on the screen`, () => watching.output().includes("CONFIRMED")).catch(
        (error: Error) => {
          throw new Error(`${error.message}; it printed:\n${watching.output()}`, { cause: error });
        },
      );
    } finally {
      await watching.interrupt();
    }
    expect(watching.output()).toContain(CUSTOMER.name);
  });

  it("a second one on the same data is told so in one sentence", async () => {
    const other = startSupervisor(dataDirectory);
    started.push(other);
    const { code } = await within("the second start to end", other.exited);
    expect(code).not.toBe(0);
    expect(other.output()).toContain("TRIBUTARY_DATA_DIR");
    expect(other.output()).not.toMatch(/\n\s+at /);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it("SIGTERM ends everything within ten seconds and leaves no process behind", async () => {
    const family = current.children();
    expect(family.length).toBeGreaterThanOrEqual(7);
    const asked = Date.now();
    current.signal("SIGTERM");
    const { code } = await within("the supervisor to end", current.exited, STOP_MS);
    expect(Date.now() - asked).toBeLessThan(STOP_MS);
    expect(code).toBe(0);
    expect(family.filter(isAlive)).toEqual([]);
    expect(fs.readdirSync(path.join(dataDirectory, "run"))).toEqual([]);
  });

  it("a second start finds the data of the first", async () => {
    url = await start().untilReady();
    expect(await statusOf(url, orderId)).toBe("CONFIRMED");
  });

  it("kill -9 of the supervisor leaves nothing that hinders the next start, and no data is lost", async () => {
    const family = current.children();
    current.signal("SIGKILL");
    await within("the supervisor to end", current.exited);
    const again = start();
    url = await again.untilReady();
    expect(await statusOf(url, orderId)).toBe("CONFIRMED");
    await untilGone(family);
    again.signal("SIGINT");
    const { code } = await within("the supervisor to end", again.exited, STOP_MS);
    expect(code).toBe(0);
  });

  it("a port in use is told in one sentence that names PORT, with a non-zero exit and nothing left running", async () => {
    const holder = net.createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = holder.address() as net.AddressInfo;
      const refused = start({ PORT: String(port) });
      const { code } = await within("the start to end", refused.exited);
      expect(code).toBe(1);
      expect(refused.output().trim()).toBe(
        `Port ${port} is in use; set PORT to another one, or to 0 for any free one.`,
      );
      expect(refused.children()).toEqual([]);
    } finally {
      holder.close();
    }
  });
});

/** As the demo customer sees it. */
async function statusOf(url: string, orderId: string): Promise<string | undefined> {
  const client = createGraphqlClient(url);
  const logIn = `mutation ($input: LogInInput!) { logIn(input: $input) { ... on AuthPayload { accessToken } } }`;
  const { email, password } = CUSTOMER;
  const { body } = await client.graphql<{ logIn: { accessToken: string } }>(logIn, { input: { email, password } });
  const query = "query ($id: ID!) { order(id: $id) { status } }";
  const token = body.data?.logIn.accessToken;
  const answer = await client.graphql<{ order: { status: string } | null }>(query, { id: orderId }, token);
  return answer.body.data?.order?.status;
}
