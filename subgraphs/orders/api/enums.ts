import { registerEnumType } from "type-graphql";
import { CANCEL_REASONS } from "../domain/order";
import { ORDER_STATUSES } from "../domain/transitions";

const enumOf = <Value extends string>(values: readonly Value[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as { readonly [V in Value]: V };

export const OrderStatusEnum = enumOf(ORDER_STATUSES);
registerEnumType(OrderStatusEnum, {
  name: "OrderStatus",
  description: "Where an order stands.",
  valuesConfig: {
    PENDING: { description: "Placed; its stock is being reserved." },
    CONFIRMED: { description: "Its stock is reserved." },
    CANCELLED: { description: "Ended; `cancelReason` says why." },
  },
});

export const CancelReasonEnum = enumOf(CANCEL_REASONS);
registerEnumType(CancelReasonEnum, {
  name: "OrderCancelReason",
  description: "Why an order was cancelled.",
  valuesConfig: {
    OUT_OF_STOCK: { description: "There were not enough units." },
    PRODUCT_UNAVAILABLE: { description: "A product was taken out of sale." },
    CUSTOMER_REQUEST: { description: "The customer asked for it." },
    STAFF_REQUEST: { description: "Staff did it." },
  },
});
