import { parse } from "graphql";
import { compose, federationLink } from "../../../test/harness/compose";
import { loadInThread } from "../../../test/harness/load-in-thread";
import type { RegisteredOperation } from "../../registry/operation-registry";
import { recordingLog } from "../../../test/harness/recording-log";
import { createSubgraphNameCheck } from "../check-subgraph-names";
import { createEffectsOnce } from "../effects-once";

const LINK = federationLink('["@key", "@shareable"]');
const graph = loadInThread(
  compose([
    {
      name: "orders",
      url: "http://orders.test",
      sdl: `${LINK} schema { query: Query mutation: Changes } type Query { a: Int } type Changes { buy: Int both: Int @shareable }`,
    },
    {
      name: "stock-rooms",
      url: "http://stock.test",
      sdl: `${LINK} type Query { b: Int } type Mutation { ship: Int both: Int @shareable }`,
    },
  ]),
);

const operationOf = (body: string): RegisteredOperation => {
  const document = parse(body, { noLocation: true });
  const [definition] = document.definitions;
  return { document, definition } as unknown as RegisteredOperation;
};

it.each([
  ["mutation { buy }", ["orders"], true],
  ["mutation { buy again: buy __typename }", ["orders"], true],
  ["mutation { buy }", [], false],
  ["mutation { buy }", ["ORDERS"], false],
  ["mutation { ship }", ["orders"], false],
  ["mutation { ship }", ["stock-rooms"], true],
  ["mutation { buy ship }", ["orders"], false],
  ["mutation { buy ship }", ["orders", "stock-rooms"], true],
  ["mutation { both }", ["orders"], false],
  ["mutation { both }", ["orders", "stock-rooms"], true],
  ["mutation { buy ...F } fragment F on Mutation { ship }", ["orders"], false],
  ["mutation ($if: Boolean!) { buy ship @include(if: $if) }", ["orders"], false],
  ["mutation { buy ship @skip(if: true) }", ["orders"], true],
])("%s with %j honouring keys has its effects once: %s", (body, honouring, expected) => {
  expect(createEffectsOnce({ graph: () => graph, honouring })(operationOf(body))).toBe(expected);
});

it.each([
  [["orders", "stock-rooms"], []],
  [[], []],
  [["order", "stock-rooms", "STOCK_ROOMS"], [{ unknown: ["order", "STOCK_ROOMS"], known: ["orders", "stock-rooms"] }]],
])("of %j those are told that no subgraph has", (honouring, told) => {
  const { log, lines } = recordingLog();
  createSubgraphNameCheck({ honouring, log })(graph);
  expect(lines).toEqual(told.map((one) => expect.objectContaining({ ...one, level: 50 }) as unknown));
});
