import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  InputType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { badUserInput } from "../../../kit/errors";
import { PageArgs } from "../../../kit/subgraph/connection";
import type { Order } from "../domain/order";
import type { OrderStatus } from "../domain/transitions";
import { OrderStatusEnum } from "./enums";
import type { OrdersContext } from "./loaders";
import { OrderConnection, type OrderPage, readOrderPage } from "./order-page";
import { OrderType } from "./order-type";
import { UserStub } from "./stubs";

@InputType({ description: "Which orders to list; what is left out does not narrow the list." })
export class OrderFilter {
  @Field(() => OrderStatusEnum, { nullable: true, description: "Only orders that stand there." })
  status?: OrderStatus | null;
}

@ArgsType()
class OrdersArgs extends PageArgs {
  @Field(() => OrderFilter, { nullable: true, description: "Which orders." })
  filter?: OrderFilter | null;
}

@Resolver()
export class OrderQueries {
  @Query(() => OrderType, {
    nullable: true,
    description: "One order, by its id or by its number: give exactly one. Null when there is none that you may see.",
  })
  @Directive("@authenticated")
  async order(
    @Ctx() { loaders }: OrdersContext,
    @Arg("id", () => ID, { nullable: true, description: "The order's id." }) id: string | null | undefined,
    @Arg("number", () => String, { nullable: true, description: "The order's number." })
    number: string | null | undefined,
  ): Promise<Order | null> {
    if (id != null && number == null) return loaders.orderById(id);
    if (number != null && id == null) return loaders.orderByNumber(number);
    throw badUserInput("Give exactly one of `id` and `number`.", id == null ? ["id"] : ["number"]);
  }

  @Query(() => OrderConnection, { description: "The orders of all customers, newest first. For staff." })
  @Directive('@requiresScopes(scopes: [["orders:read"]])')
  orders(
    @Ctx() { loaders }: OrdersContext,
    @Args(() => OrdersArgs) { filter, ...page }: OrdersArgs,
  ): Promise<OrderPage> {
    const wanted = { status: filter?.status ?? undefined };
    return readOrderPage(page, {
      read: (slice) => loaders.allOrders(wanted, slice),
      count: () => loaders.countOrders(wanted),
    });
  }
}

@Resolver(() => UserStub)
export class UserOrders {
  @FieldResolver(() => OrderConnection, {
    description: "The orders of this user, newest first. Only for the user and for staff.",
  })
  @Directive("@authenticated")
  orders(
    @Root() { id }: UserStub,
    @Ctx() { loaders }: OrdersContext,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<OrderPage> {
    return readOrderPage(page, {
      read: (slice) => loaders.ordersOfCustomer(id, slice),
      count: () => loaders.countOfCustomer(id),
    });
  }
}
