import { Context, evalExpr } from "mingo/core";
import { type Iterator, Lazy } from "mingo/lazy";
import * as accumulators from "mingo/operators/accumulator";
import * as expressions from "mingo/operators/expression";
import * as stages from "mingo/operators/pipeline";
import * as projections from "mingo/operators/projection";
import * as queries from "mingo/operators/query";
import * as windows from "mingo/operators/window";
import type { AccumulatorOperator, AnyObject, ExpressionOperator, Options, PipelineOperator } from "mingo/types";
import { notImplemented } from "../errors";
import { compileFilter } from "../query/compile-filter";
import { parseSort, sortDocuments } from "../query/sort-documents";
import { addFieldsStage, projectStage, unsetStage } from "./field-stages";
import { type Document, fromBson } from "../values/document";
import { numberType } from "../values/number";
import { compareValues, equalValues } from "../values/value-key";

type Expression = (document: AnyObject, argument: unknown, options: Options) => unknown;
/** A pipeline stage, more loosely than mingo's union of all their types. */
export type Stage = (documents: Iterator, argument: unknown, options: Options) => Iterator;
type Evaluate = (expression: unknown, document: Document) => unknown;

/** Where mingo compares as JavaScript does, these compare as MongoDB does; a missing field is less than null. */
const comparisons: Record<string, Expression> = {
  $eq: comparison((a, b) => equalValues(a, b)),
  $ne: comparison((a, b) => !equalValues(a, b)),
  $gt: comparison((a, b) => compareValues(a, b) > 0),
  $gte: comparison((a, b) => compareValues(a, b) >= 0),
  $lt: comparison((a, b) => compareValues(a, b) < 0),
  $lte: comparison((a, b) => compareValues(a, b) <= 0),
  $cmp: comparison((a, b) => Math.sign(compareValues(a, b))),
  $in: comparison((value, list) => Array.isArray(list) && list.some((entry) => equalValues(entry, value))),
};

const arithmetic = [
  "$abs",
  "$add",
  "$ceil",
  "$divide",
  "$floor",
  "$mod",
  "$multiply",
  "$pow",
  "$round",
  "$sqrt",
  "$subtract",
  "$trunc",
];
const sums = ["$avg", "$stdDevPop", "$stdDevSamp", "$sum"];

const fieldStages = {
  $project: projectStage,
  $unset: unsetStage,
  $addFields: addFieldsStage,
  $set: addFieldsStage,
};

/** mingo's operators with the parts replaced in which it is not MongoDB, and `$lookup` as given. */
export function createOperators(lookup: Stage, evaluate: Evaluate): Context {
  const expression: Record<string, unknown> = { ...expressions, ...comparisons };
  for (const name of arithmetic) expression[name] = refuseDecimals(expression[name] as Expression);
  const accumulator: Record<string, unknown> = { ...accumulators };
  for (const name of sums) accumulator[name] = refuseDecimalSums(accumulator[name] as AccumulatorOperator);
  const match: Stage = (documents, filter) => {
    const matches = compileFilter(fromBson(filter, 0), { evaluate });
    return documents.filter((document) => matches(document as Document));
  };
  const sort: Stage = (documents, spec) => {
    const fields = parseSort(fromBson(spec, 0));
    return documents.transform((all) => Lazy(sortDocuments(all as Document[], fields)));
  };
  return Context.init({
    accumulator: accumulator as Record<`$${string}`, AccumulatorOperator>,
    expression: expression as Record<`$${string}`, ExpressionOperator>,
    pipeline: { ...stages, ...fieldStages, $match: match, $sort: sort, $lookup: lookup } as unknown as Record<
      `$${string}`,
      PipelineOperator
    >,
    projection: projections,
    query: queries,
    window: windows,
  });
}

export const stageNames: ReadonlySet<string> = new Set(Object.keys(stages).filter((name) => name.startsWith("$")));

function comparison(holds: (left: unknown, right: unknown) => unknown): Expression {
  return (document, argument, options) => {
    const [left, right] = evalExpr(document, argument, options) as [unknown, unknown];
    return holds(left, right);
  };
}

/** mingo would take a Decimal128 or a large Long for text or nothing, and give a wrong sum instead of an error. */
function refuseDecimals(operator: Expression): Expression {
  return (document, argument, options) => {
    const operands = evalExpr(document, argument, options);
    refuse(Array.isArray(operands) ? operands : [operands]);
    return operator(document, argument, options);
  };
}

function refuseDecimalSums(
  operator: AccumulatorOperator,
): (documents: AnyObject[], argument: unknown, options: Options) => unknown {
  return (documents, argument, options) => {
    if (typeof argument !== "number")
      for (const document of documents) refuse([evalExpr(document, argument, options)].flat());
    return (operator as (...all: unknown[]) => unknown)(documents, argument, options);
  };
}

function refuse(operands: readonly unknown[]): void {
  const type = operands.map((operand) => typeof operand === "object" && numberType(operand)).find(Boolean);
  if (type) throw notImplemented(`aggregation arithmetic on ${type === "long" ? "longs beyond 2^53" : "decimals"}`);
}
