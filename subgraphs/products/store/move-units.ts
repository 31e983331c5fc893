import type { Document } from "mongodb";
import { newId } from "../../../kit/ids";
import { stockChanged } from "../../../schema/events/stock-changed";
import type { Origin } from "../domain/origin";
import { EVENT_SOURCE } from "./to-event";

/** How the numbers of one variant change; `available` is moved by what they leave of it. */
export interface UnitMove {
  readonly variantId: string;
  readonly onHand?: number;
  readonly reserved?: number;
}

/**
 * An update of a product's document that moves units of some of its variants and writes `products.stock.changed.v1` for each whose
 * `available` moves. A pipeline, because only the server knows how many units there are at the moment of the update: what an event says
 * is what that update has made. https://www.mongodb.com/docs/manual/tutorial/update-documents-with-aggregation-pipeline/
 *
 * The filter of the update must see to it that the product has the variants, and enough of each.
 * @param also other fields to set; expressions see the document as it was before
 */
export function moveUnits(moves: readonly UnitMove[], origin: Partial<Origin>, also: Document = {}): Document[] {
  const events = moves
    .filter((move) => availableOf(move) !== 0)
    .map((move) => stockEvent(move, availableOf(move), origin));
  return [
    {
      $set: {
        variants: { $map: { input: "$variants", as: "variant", in: moved(moves) } },
        outbox: { $concatArrays: ["$outbox", events] },
        ...also,
      },
    },
  ];
}

const availableOf = ({ onHand = 0, reserved = 0 }: UnitMove): number => onHand - reserved;

function moved(moves: readonly UnitMove[]): Document {
  const sum = (field: string, by: number) => ({ [field]: { $add: [`$$variant.${field}`, by] } });
  return {
    $switch: {
      branches: moves.map((move) => ({
        case: { $eq: ["$$variant.id", { $literal: move.variantId }] },
        then: {
          $mergeObjects: [
            "$$variant",
            {
              ...sum("onHand", move.onHand ?? 0),
              ...sum("reserved", move.reserved ?? 0),
              ...sum("available", availableOf(move)),
            },
          ],
        },
      })),
      default: "$$variant",
    },
  };
}

/** An event whose body the server completes. What comes from outside is literal: a text that begins with `$` would be an expression. */
function stockEvent({ variantId }: UnitMove, available: number, { requestId, traceparent }: Partial<Origin>): Document {
  const before = (field: string) => ({
    $arrayElemAt: [`$variants.${field}`, { $indexOfArray: ["$variants.id", { $literal: variantId }] }],
  });
  return {
    id: newId(),
    type: stockChanged.type,
    source: EVENT_SOURCE,
    subject: "$_id",
    time: new Date().toISOString(),
    data: {
      productId: "$_id",
      variantId: { $literal: variantId },
      sku: before("sku"),
      available: { $add: [before("available"), available] },
      availableBefore: before("available"),
    },
    ...(requestId !== undefined && { requestId: { $literal: requestId } }),
    ...(traceparent !== undefined && { traceparent: { $literal: traceparent } }),
  };
}
