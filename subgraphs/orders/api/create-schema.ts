import { buildSubgraph } from "../../../kit/subgraph/build-subgraph";
import { DateTime } from "../../../kit/subgraph/date-time";
import { EVENT_DIRECTIVE_SDL } from "../../../kit/subgraph/event-directive";
import type { OrdersContext } from "./loaders";
import { OrderMutations } from "./order-mutations";
import { OrderQueries, UserOrders } from "./order-queries";
import { OrderFields, OrderLineFields } from "./order-type";
import { OrderStreams } from "./order-streams";
import { UserStub } from "./stubs";

/** The schema of the orders subgraph; makes no connection. */
export const createSchema = () =>
  buildSubgraph({
    imports: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@composeDirective"],
    extraSdl: EVENT_DIRECTIVE_SDL,
    resolvers: [OrderQueries, UserOrders, OrderMutations, OrderStreams, OrderFields, OrderLineFields],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    references: {
      Order: ({ id, number }: { id?: string; number?: string }, { loaders }: OrdersContext) =>
        id === undefined ? loaders.orderByNumber(String(number)) : loaders.orderById(id),
      // Whether the user exists is known to users alone; here one without orders has an empty list.
      User: ({ id }: { id: string }) => Object.assign(new UserStub(), { id }),
    },
  });
