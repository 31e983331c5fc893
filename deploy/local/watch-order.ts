import { parseArgs } from "node:util";
import { print } from "graphql";
import { createClient } from "graphql-ws";
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
  const [watched] = positionals;
  const orderId = watched ?? (await placeOrder(client));
  console.log(`Watching order ${orderId}; Ctrl-C ends it.`);

  const socket = createClient({
    url: `${values.url.replace(/^http/, "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${client.token}` },
  });
  const query = print(OrderUpdatesDocument);
  for await (const { data, errors } of socket.iterate<OrderUpdatesSubscription>({ query, variables: { orderId } })) {
    if (errors) throw new ExpectedError(errors.map(({ message }) => message).join("\n"));
    if (!data) continue;
    console.log(describe(data.orderUpdated));
    if (watched) continue;
    if (data.orderUpdated.status === "CANCELLED") break;
    if (data.orderUpdated.status === "CONFIRMED") await cancelOrder(client, orderId);
  }
  await socket.dispose();
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
  process.exitCode = 1;
});
