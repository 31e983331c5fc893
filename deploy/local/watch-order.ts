import { parseArgs } from "node:util";
import { print } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { DEMO_VARIANT } from "../../schema/demo";
import {
  CancelOrderDocument,
  OrderUpdatesDocument,
  type OrderUpdatesSubscription,
  PlaceOrderDocument,
} from "../../schema/generated/web";
import { ExpectedError } from "./bootstrap/expected-error.cjs";
import { type DemoClient, logInToDemo } from "./demo-client";

/**
 * `node dist/deploy/local/watch-order.js [--url URL] [ORDER_ID]`: shows an order live, as a subscription over WebSocket
 * tells it. Without an order it first places one, as the demo customer, and cancels it again once it is confirmed, so that
 * there is something to see.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { url: { type: "string", default: "http://localhost:4000" } },
    allowPositionals: true,
  });
  const client = await logInToDemo(values.url);
  const socket = await connect(values.url, client.token);
  const [watched] = positionals;
  const orderId = watched ?? (await placeOrder(client));
  console.log(`Watching order ${orderId}; Ctrl-C ends it.`);

  const query = print(OrderUpdatesDocument);
  let shown: string | undefined;
  for await (const { data, errors } of socket.iterate<OrderUpdatesSubscription>({ query, variables: { orderId } })) {
    if (errors) throw new ExpectedError(errors.map(({ message }) => message).join("\n"));
    // Each event is told with the order as it is by then: two that follow each other quickly say the same.
    if (!data || data.orderUpdated.status === shown) continue;
    shown = data.orderUpdated.status;
    console.log(describe(data.orderUpdated));
    if (watched) continue;
    if (shown === "CANCELLED") break;
    if (shown === "CONFIRMED") await cancelOrder(client, orderId);
  }
  await socket.dispose();
}

/** Connected before the order is placed: a subscription tells what happens from now on, and an order is confirmed soon. */
function connect(url: string, token: string): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = createClient({
      url: `${url.replace(/^http/, "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      lazy: false,
      onNonLazyError: reject,
      on: { connected: () => resolve(client) },
    });
  });
}

async function placeOrder(client: DemoClient): Promise<string> {
  const lines = [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }];
  const { placeOrder: result } = await client.ask(PlaceOrderDocument, { lines });
  if (result.__typename !== "PlaceOrderSuccess") throw new ExpectedError(`The order was refused: ${result.message}`);
  console.log(`Placed ${result.order.number}: ${result.order.status}`);
  return result.order.id;
}

async function cancelOrder(client: DemoClient, orderId: string): Promise<void> {
  console.log("Cancelling it …");
  const { cancelOrder: result } = await client.ask(CancelOrderDocument, { orderId });
  if (result.__typename !== "CancelOrderSuccess") throw new ExpectedError(`It was not cancelled: ${result.message}`);
}

function describe(order: OrderUpdatesSubscription["orderUpdated"]): string {
  const lines = order.lines.map(({ quantity, variant }) => {
    const stock = variant?.available == null ? "" : `, ${variant.available} left`;
    return `${quantity} × ${variant?.product.name ?? "a product that is gone"}${stock}`;
  });
  const reason = order.cancelReason ? ` (${order.cancelReason})` : "";
  return `${new Date().toLocaleTimeString()}  ${order.number}: ${order.status}${reason} for ${order.customer.name}: ${lines.join("; ")}`;
}

main().catch((error: unknown) => {
  // graphql-ws throws the list of errors of an operation, or the event of a closed socket.
  const errors = Array.isArray(error) ? error : [error];
  for (const each of errors as { message?: string; reason?: string }[]) {
    console.error(each.message || each.reason || "The connection was lost.");
  }
  // The socket may still be open.
  process.exit(1);
});
