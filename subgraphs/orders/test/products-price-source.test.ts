import { readFileSync } from "node:fs";
import path from "node:path";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, validate } from "graphql";
import { PRICES_QUERY } from "../remote/products-price-source";

it("asks products only for what their committed contract has", () => {
  const sdl = readFileSync(path.resolve(__dirname, "../../../schema/products.graphql"), "utf8");
  expect(validate(buildSubgraphSchema({ typeDefs: parse(sdl) }), parse(PRICES_QUERY))).toEqual([]);
});
