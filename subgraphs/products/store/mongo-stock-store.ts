import type { Db, Filter } from "mongodb";
import { inUpdateSpan } from "../../../kit/mongo/in-update-span";
import { stockRejected } from "../../../schema/events/stock-rejected";
import { stockReserved } from "../../../schema/events/stock-reserved";
import type { Reservation, Shortages, StockAnswer, StockLine, StockStore } from "../domain/stock-store";
import type { Origin } from "../domain/origin";
import { type ProductDocument, productsOf, type ReservationDocument, reservationsOf } from "./documents";
import { isDuplicateKey } from "./is-duplicate-key";
import { moveUnits, type UnitMove } from "./move-units";
import { toEvent } from "./to-event";

/** @param options.onCommit called when events wait to be published */
export function createMongoStockStore({
  db,
  now,
  onCommit,
}: {
  db: Db;
  now: () => Date;
  onCommit: () => void;
}): StockStore {
  const products = productsOf(db);
  const reservations = reservationsOf(db);

  /** Writes a reservation unless the order has one, and reads what is there. */
  const insertOnce = async (orderId: string, fresh: Omit<ReservationDocument, "_id">): Promise<Reservation> => {
    try {
      await reservations.updateOne({ _id: orderId }, { $setOnInsert: fresh }, { upsert: true });
    } catch (error) {
      // Two upserts of one id at once: the other one wrote it.
      if (!isDuplicateKey(error)) throw error;
    }
    return read(orderId);
  };
  const read = async (orderId: string): Promise<Reservation> => {
    const row = await reservations.findOne({ _id: orderId });
    if (!row) throw new Error("a reservation disappeared");
    return toReservation(row);
  };

  return {
    begin: (orderId, lines) =>
      insertOnce(orderId, { state: "PENDING", lines: [...lines], createdAt: now(), outbox: [] }),

    setAside: async (orderId, productId, lines, origin) => {
      const inStock = lines.map(({ variantId, quantity }) => ({
        variants: { $elemMatch: { id: variantId, available: { $gte: quantity } } },
      }));
      const filter: Filter<ProductDocument> = {
        _id: productId,
        status: "PUBLISHED",
        reservedFor: { $ne: orderId },
        $and: inStock,
      };
      const { matchedCount } = await inUpdateSpan("set stock aside", origin, (traced) =>
        products.updateOne(
          filter,
          moveUnits(reservedMoves(lines, 1), traced, {
            reservedFor: { $concatArrays: ["$reservedFor", [{ $literal: orderId }]] },
          }),
        ),
      );
      if (matchedCount === 1) {
        onCommit();
        return true;
      }
      const marked = await products.findOne({ _id: productId, reservedFor: orderId }, { projection: { _id: 1 } });
      return marked !== null;
    },

    putBack: async (orderId, productId, lines, origin) => {
      const { matchedCount } = await inUpdateSpan("put stock back", origin, (traced) =>
        products.updateOne(
          { _id: productId, reservedFor: orderId },
          moveUnits(reservedMoves(lines, -1), traced, {
            reservedFor: { $filter: { input: "$reservedFor", cond: { $ne: ["$$this", { $literal: orderId }] } } },
          }),
        ),
      );
      if (matchedCount === 1) onCommit();
    },

    findShortages: async (orderId, lines) => {
      const rows = await products
        .find({ _id: { $in: lines.map(({ productId }) => productId) } })
        .project<Pick<ProductDocument, "_id" | "status" | "variants">>({ status: 1, variants: 1 })
        .toArray();
      const marked = await products
        .find({ _id: { $in: rows.map(({ _id }) => _id) }, reservedFor: orderId })
        .project<Pick<ProductDocument, "_id">>({ _id: 1 })
        .toArray();
      const served = new Set(marked.map(({ _id }) => _id));
      return shortagesOf(
        lines.filter(({ productId }) => !served.has(productId)),
        new Map(rows.map((row) => [row._id, row])),
      );
    },

    settle: async (orderId, answer, origin) => {
      const { matchedCount } = await inUpdateSpan("settle reservation", origin, (traced) =>
        reservations.updateOne(
          { _id: orderId, state: "PENDING" },
          { $set: toFields(answer, now()), $push: { outbox: toAnswerEvent(orderId, answer, traced) } },
        ),
      );
      if (matchedCount === 1) onCommit();
      return read(orderId);
    },

    release: async (orderId) => {
      const endedAt = now();
      await insertOnce(orderId, { state: "RELEASED", lines: [], createdAt: endedAt, endedAt, outbox: [] });
      await reservations.updateOne(
        { _id: orderId, state: { $in: ["PENDING", "RESERVED"] } },
        { $set: { state: "RELEASED", endedAt } },
      );
      return read(orderId);
    },

    endedSince: async function* (moment) {
      const rows = reservations.find({ endedAt: { $gte: moment } }, { projection: { state: 1, lines: 1 } });
      for await (const row of rows) yield toReservation(row);
    },
  };
}

const reservedMoves = (lines: readonly StockLine[], sign: 1 | -1): UnitMove[] =>
  lines.map(({ variantId, quantity }) => ({ variantId, reserved: sign * quantity }));

function shortagesOf(
  lines: readonly StockLine[],
  products: ReadonlyMap<string, Pick<ProductDocument, "status" | "variants">>,
): Shortages {
  const unavailable: string[] = [];
  const outOfStock: string[] = [];
  for (const { productId, variantId, quantity } of lines) {
    const product = products.get(productId);
    const variant = product?.variants.find(({ id }) => id === variantId);
    if (!variant || product?.status !== "PUBLISHED") unavailable.push(variantId);
    else if (variant.available < quantity) outOfStock.push(variantId);
  }
  return { unavailable, outOfStock };
}

const toFields = (answer: StockAnswer, at: Date): Partial<ReservationDocument> =>
  answer.state === "RESERVED" ? { state: "RESERVED" } : { state: "REJECTED", reason: answer.reason, endedAt: at };

const toAnswerEvent = (orderId: string, answer: StockAnswer, origin: Partial<Origin>) =>
  answer.state === "RESERVED"
    ? toEvent(stockReserved, orderId, { orderId }, origin)
    : toEvent(stockRejected, orderId, { orderId, reason: answer.reason, variantIds: [...answer.variantIds] }, origin);

const toReservation = ({ _id, state, lines }: Pick<ReservationDocument, "_id" | "state" | "lines">): Reservation => ({
  orderId: _id,
  state,
  lines,
});
