import { getIntrospectionQuery, type IntrospectionQuery } from "graphql";
import { WebSocket } from "ws";
import { DEMO_VARIANT } from "../../schema/demo";
import { CUSTOMER } from "../harness/demo";
import { postGraphql, subscribeTo } from "../harness/graphql-client";
import type { Platform } from "../harness/platform";
import { placeOrder } from "../harness/shopping";

const STUDIO = "https://studio.apollographql.com";
const STRANGER = "https://shop.example.net";

/** The requests that Apollo Sandbox's page, served from its own origin, makes of the browser. */
export function tellSandbox(platform: () => Platform): void {
  const endpoint = () => `${platform().url}/graphql`;
  const preflight = (origin: string, headers: string) =>
    fetch(endpoint(), {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": headers,
        "access-control-request-private-network": "true",
      },
    });

  describe("Apollo Sandbox", () => {
    it("is allowed by the preflight to send whatever headers a developer types", async () => {
      const headers = "authorization,content-type,x-my-own-header,apollo-query-plan-experimental";
      const response = await preflight(STUDIO, headers);
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe(STUDIO);
      expect(response.headers.get("access-control-allow-methods")).toContain("POST");
      expect(response.headers.get("access-control-allow-headers")).toBe(headers);
      expect(response.headers.get("access-control-allow-private-network")).toBe("true");
      expect(Number(response.headers.get("access-control-max-age"))).toBeGreaterThan(0);
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    });

    it("reads the schema by introspection, where no subgraph's plumbing shows", async () => {
      const body = { query: getIntrospectionQuery(), operationName: "IntrospectionQuery", variables: {} };
      const answer = await postGraphql<IntrospectionQuery>(endpoint(), body, undefined, { origin: STUDIO });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("access-control-allow-origin")).toBe(STUDIO);
      expect(answer.headers.get("vary")).toContain("Origin");
      const names = answer.body.data!.__schema.types.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["Order", "Product", "User", "Subscription"]));
      expect(names.filter((name) => /^(_Any|_Entity|_Service|join__|link__)/.test(name))).toEqual([]);
    });

    it("runs the operation that is chosen among several", async () => {
      const body = { query: "query A { __typename } query B { me { name } }", operationName: "B", variables: {} };
      const token = await platform().signIn(CUSTOMER);
      const answer = await postGraphql(endpoint(), body, token, { origin: STUDIO });
      expect(answer.body).toEqual({ data: { me: { name: CUSTOMER.name } } });
    });

    it("is given the plan of a query, in the shape that it draws", async () => {
      const body = { query: "{ products(first: 1) { nodes { name } } }", variables: {} };
      const headers = { origin: STUDIO, "apollo-query-plan-experimental": "1" };
      const answer = await postGraphql(endpoint(), body, undefined, headers);
      expect(answer.body).toMatchObject({
        data: { products: {} },
        extensions: {
          apolloQueryPlan: {
            object: {
              kind: "QueryPlan",
              node: { kind: "Fetch", serviceName: "products", operation: expect.any(String) },
            },
            text: expect.stringMatching(/^QueryPlan \{/),
          },
        },
      });
    });

    it.each(["Authorization", "authorization", "AUTHORIZATION"])(
      "subscribes with the connection parameter %s",
      async (name) => {
        const token = await platform().signIn(CUSTOMER);
        const live = await platform().whileBrokerHolds(async () => {
          const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }]);
          const live = subscribeTo<{ orderUpdated: { status: string } }>(
            endpoint().replace("http", "ws"),
            "subscription S($id: ID!) { orderUpdated(orderId: $id) { status } }",
            { id: order.id },
            { [name]: `Bearer ${token}` },
            STUDIO,
          );
          await platform().untilSubscriptions(1);
          return live;
        });
        await live.until("CONFIRMED", ({ orderUpdated }) => orderUpdated.status === "CONFIRMED");
        await live.close();
        await platform().untilSubscriptions(0);
      },
    );

    it("is the only foreign page that gets an answer: another origin gets neither headers nor a socket", async () => {
      const response = await preflight(STRANGER, "authorization");
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("access-control-allow-headers")).toBeNull();

      const answer = await postGraphql(endpoint(), { query: "{ __typename }" }, undefined, { origin: STRANGER });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();

      const socket = new WebSocket(endpoint().replace("http", "ws"), "graphql-transport-ws", { origin: STRANGER });
      const status = await new Promise((resolve, reject) => {
        socket.on("unexpected-response", (request, { statusCode }) => {
          request.destroy();
          resolve(statusCode);
        });
        socket.on("open", () => reject(new Error("the socket was opened")));
        socket.on("error", reject);
      });
      expect(status).toBe(403);
    });
  });
}
