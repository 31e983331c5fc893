import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { checkEventDirectives } from "../../../schema/check-event-directives";
import { printSdl } from "../print-sdl";

const NEIGHBOURS = [
  {
    name: "users",
    sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"])
      type Query { me: User }
      type User @key(fields: "id") { id: ID! email: String! }`,
  },
  {
    name: "products",
    sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"])
      type Query { variant(id: ID!): ProductVariant }
      type ProductVariant @key(fields: "id") { id: ID! sku: String! }`,
  },
];

describe("the schema of orders", () => {
  it("composes with its neighbours, and the supergraph keeps the event directive", async () => {
    const sdl = await printSdl();
    const { errors, supergraphSdl } = composeServices(
      [...NEIGHBOURS, { name: "orders", sdl }].map((part) => ({ name: part.name, typeDefs: parse(part.sdl) })),
    );
    expect(errors?.map(({ message }) => message)).toBeUndefined();
    expect(supergraphSdl).toMatch(/directive @event\(/);
    expect(supergraphSdl).toMatch(
      /orderUpdated\([^)]*\): Order![^\n]* @event\(types: \["orders\.order\.placed\.v1", "orders\.order\.confirmed\.v1", "orders\.order\.cancelled\.v1"\], key: "orderId", where: "orderId == \$args\.orderId"\)/s,
    );
    expect(supergraphSdl).toMatch(
      /myOrders: Order![^\n]* @authenticated @event\([^\n]*where: "userId == \$claims\.sub"\)/,
    );
  });

  it("subscribes to events that exist, by paths that they have", async () => {
    expect(checkEventDirectives([{ name: "orders", url: "http://orders.test", sdl: await printSdl() }])).toEqual([]);
  });

  it("guards every way to an order", async () => {
    const sdl = await printSdl();
    expect(sdl).toMatch(/type Order @key\(fields: "id"\) @key\(fields: "number"\) @authenticated/);
    expect(sdl).toMatch(/placeOrder\([^)]*\): PlaceOrderResult! @authenticated/s);
    expect(sdl).toMatch(/cancelOrder\([^)]*\): CancelOrderResult! @authenticated/s);
    expect(sdl).toMatch(/orders\([^)]*\): OrderConnection! @requiresScopes\(scopes: \[\["orders:read"\]\]\)/s);
  });

  it("describes every type, field and argument", async () => {
    const undescribed: string[] = [];
    for (const definition of parse(await printSdl()).definitions) {
      if (!("fields" in definition) || !("name" in definition) || !definition.name) continue;
      const type = definition.name.value;
      for (const field of definition.fields ?? []) {
        if (!field.description) undescribed.push(`${type}.${field.name.value}`);
        for (const argument of "arguments" in field ? (field.arguments ?? []) : []) {
          if (!argument.description) undescribed.push(`${type}.${field.name.value}(${argument.name.value})`);
        }
      }
    }
    expect(undescribed).toEqual([]);
  });
});
