import type { GraphQLError } from "graphql";
import type { Labels } from "../../operation/output-fields";
import type { AnswerShape } from "../layout/answer-shape";
import type { Fetch } from "../plan/fetch";
import type { ExecutionState, JsonObject } from "../run/state";
import { type CompleteObjects, createCompleteObjects } from "./complete-object";
import { createCompleteValue, NOTHING } from "./complete-value";
import { createErrorReport } from "./error-report";
import { createExecuteFields } from "./execute-fields";
import { createExplainNull } from "./explain-null";
import type { PendingPart } from "./place";
import { resolveAbstractType } from "./resolve-abstract-type";
import { resolveValues } from "./resolve-values";
import { createSubgraphErrors } from "./subgraph-errors";
import { createUnknownEntities } from "./unknown-entities";

/**
 * Writes an answer value by value as "Executing Fields" (6.4) has it, with every null that a client is not to expect explained by an error at its
 * path: https://spec.graphql.org/October2021/#sec-Executing-Fields. Slower than the compiled writer and always right.
 */
export interface CarefulWriter {
  /** @param deferred labels of the parts that come later */
  write(state: ExecutionState, deferred: ReadonlySet<string>): CarefulResult;
  /** @returns undefined when the fragment turns out to be for objects of other types: then nothing comes */
  writePart(state: ExecutionState, part: PendingPart, deferred: ReadonlySet<string>): CarefulResult | undefined;
}

export interface CarefulResult {
  readonly data: JsonObject | null;
  readonly errors: readonly GraphQLError[];
  readonly pending: readonly PendingPart[];
}

export interface CarefulOptions extends AnswerShape {
  readonly fetches: readonly Fetch[];
}

export function createCarefulWriter(shape: CarefulOptions): CarefulWriter {
  const { fetches, rootType, selection } = shape;

  /** @param within labels of the part to be written and of those it is inside of */
  const begin = (
    state: ExecutionState,
    deferred: ReadonlySet<string>,
    within: Labels,
    isOwn: (fetch: Fetch) => boolean,
  ) => {
    for (const site of state.sites) site?.rewind();
    const own = fetches.filter(isOwn);
    const isHeard = (fetch: Fetch) =>
      fetch.part === undefined ||
      !deferred.has(fetch.part) ||
      isOwn(fetch) ||
      // The planner fetches some of what is put off twice with the part around it.
      within.includes(fetch.part) ||
      own.some(({ known }) => known.has(fetch));
    const { objects, errors, report, pending } = createVisit(shape, { state, deferred, within, isHeard });
    // Errors of a fetch of root fields have their places already.
    const roots = fetches.filter((fetch) => fetch.path.length === 0 && isHeard(fetch));
    const asked = { type: rootType, selection };
    errors.meet(
      roots.filter(isOwn).map((fetch) => ({ fetch, place: 0 })),
      undefined,
      asked,
    );
    errors.recall(
      roots.filter((fetch) => !isOwn(fetch)),
      asked,
    );
    const end = (data: JsonObject | typeof NOTHING): CarefulResult => {
      errors.showRest(own);
      return data === NOTHING
        ? { data: null, errors: report.errors, pending: [] }
        : { data, errors: report.errors, pending };
    };
    return { objects, end };
  };

  return {
    write: (state, deferred) => {
      const { objects, end } = begin(state, deferred, [], ({ part }) => part === undefined || !deferred.has(part));
      return end(objects.completeRoot());
    },
    writePart: (state, part, deferred) => {
      const within = [...part.within, part.label];
      const { objects, end } = begin(state, deferred, within, (fetch) => fetch.part === part.label);
      const data = objects.completePart(part);
      return data && end(data);
    },
  };
}

/** Joins what one visit to one answer needs. */
function createVisit(
  shape: AnswerShape,
  {
    state,
    deferred,
    within,
    isHeard,
  }: {
    readonly state: ExecutionState;
    readonly deferred: ReadonlySet<string>;
    readonly within: Labels;
    readonly isHeard: (fetch: Fetch) => boolean;
  },
) {
  const pending: PendingPart[] = [];
  const report = createErrorReport();
  const values = resolveValues(shape, state);
  const types = resolveAbstractType(shape);
  const errors = createSubgraphErrors(shape, state, report, isHeard);
  const explain = createExplainNull(report, errors, createUnknownEntities(state, values, types));
  // A value may be an object, and an object has values.
  const completeValue = createCompleteValue(explain, pending, (type, place) => objects.completeObject(type, place));
  const executeFields = createExecuteFields({ shape, state, deferred, within, explain, completeValue, pending });
  const objects: CompleteObjects = createCompleteObjects({
    shape,
    deferred,
    values,
    types,
    errors,
    explain,
    executeFields,
  });
  return { objects, errors, report, pending };
}
