import { buildSchema } from "graphql";
import type { RegisteredOperation } from "../../registry/operation-registry";
import { describeTool } from "../describe-tool";
import { takeKeyArgument } from "../key-argument";
import { registeredOperation } from "../../test/registered-operation";

const schema = buildSchema(`
  type Query { "One order." order(id: ID!): String mystery: String }
  type Mutation { cancel(id: ID!, key: String): String }
  type Subscription { order: String }
`);

const operation = (body: string, more: Partial<RegisteredOperation> = {}) =>
  registeredOperation(body, { id: "id", ...more });

describe("an operation as a tool", () => {
  it.each([
    ['"Finds an order." query Get($id: ID!) { order(id: $id) }', "Finds an order."],
    ["query Get($id: ID!) { order(id: $id) }", "One order."],
    ["query Get { mystery }", "Runs the query Get."],
  ])("is described by its own words, else its fields', else its name: %s", (body, description) => {
    expect(describeTool(schema, operation(body))?.description).toBe(description);
  });

  it("says that it goes away, when, and what takes its place", () => {
    const deprecated = operation("query Get { mystery }", {
      state: "deprecated",
      sunset: new Date("2027-03-31T12:00:00Z"),
      successor: "GetAnother",
    });
    expect(describeTool(schema, deprecated)?.description).toBe(
      "Runs the query Get.\n\nDeprecated, and gone from 2027-03-31 on. Use GetAnother in its place.",
    );
  });

  it("takes a key for what it changes, under a name that no variable has", () => {
    const plain = describeTool(schema, operation("mutation Cancel($id: ID!) { cancel(id: $id) }"))?.inputSchema;
    expect(plain?.required).toEqual(["id", "idempotencyKey"]);
    const taken = operation(
      "mutation Cancel($id: ID!, $idempotencyKey: String) { cancel(id: $id, key: $idempotencyKey) }",
    );
    const { properties, required } = describeTool(schema, taken)?.inputSchema ?? {};
    expect(required).toEqual(["id", "idempotencyKeyOfCall"]);
    expect(properties?.["idempotencyKey"]).toEqual({ type: ["string", "null"] });
    expect(takeKeyArgument(taken, { id: "1", idempotencyKey: "theirs", idempotencyKeyOfCall: "ours" })).toEqual({
      variables: { id: "1", idempotencyKey: "theirs" },
      key: "ours",
    });
  });

  it("is none when it subscribes, or does not fit the schema", () => {
    expect(describeTool(schema, operation("subscription Live { order }"))).toBeUndefined();
    expect(describeTool(schema, operation("query Get { gone }"))).toBeUndefined();
  });
});
