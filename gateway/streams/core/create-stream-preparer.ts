import { createHash } from "node:crypto";
import { type DocumentNode, getArgumentValues, GraphQLError, print } from "graphql";
import { ClientError, UNEXPECTED_ERROR_MESSAGE } from "../../../kit/errors";
import { canonicalValue } from "../../../kit/canonical-value";
import type { Logger } from "../../../kit/log";
import type { Registry } from "../../../kit/metrics";
import type { Viewer } from "../../../kit/viewer";
import type { EventClaims } from "../../../schema/event-claims";
import type { ExecutableOperation } from "../../execution/executor";
import { conditionsOf } from "../../operation/conditions";
import { createDeadlines } from "../../upstream/deadlines";
import type { UpstreamContext } from "../../upstream/upstream-context";
import type { SubgraphReply, Upstreams } from "../../upstream/upstreams";
import { AskedQuestion, createEntityAsker, type EntityAnswer } from "./ask-entities";
import { type Caller, callerOf } from "./caller";
import { digest } from "./entity-question";
import { type ChangeContext, createCallContexts, createMoments } from "./event-context";
import { withDeadline } from "./execution-deadline";
import { createExecutionLanes, type Outcome } from "./execution-lanes";
import { createExecutionMetrics } from "./execution-metrics";
import { type PlannedEntity, type PlannedStream, planStream } from "./plan-stream";
import type { Change, EntityKey, PreparedStream, PrepareStream } from "./prepared-stream";
import { createStreamGraphs } from "./stream-graphs";
import { typedError } from "./typed-error";

/** Of a whole execution; each subgraph call has a deadline of its own. */
const EXECUTION_MS = 30_000;
/** How long an answer is given to those who come a little later. */
const KEEP_MS = 1_000;
const MAX_KEPT_BYTES = 33_554_432;

/**
 * Prepares subscriptions for events that carry keys: each change is executed once for all streams of an execution key, the entity from its
 * owner first, then the rest of the plan.
 *
 * @param options.eventsTaken how many events the gateway has taken so far (`countEvents`): a state of now is not older than the last of them
 * @param options.timeoutMs of one execution
 */
export function createStreamPreparer(options: {
  readonly upstreams: Pick<Upstreams, "client">;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly eventsTaken: () => number;
  readonly timeoutMs?: number;
}): PrepareStream {
  const { upstreams, log, eventsTaken, timeoutMs = EXECUTION_MS } = options;
  const graphOf = createStreamGraphs(upstreams);
  const metrics = createExecutionMetrics(options.metrics);
  const ask = createEntityAsker(metrics);
  const deadlines = createDeadlines(timeoutMs);
  const moments = createMoments(eventsTaken);
  const callContext = createCallContexts();
  const lanes = createExecutionLanes<string | undefined>({
    keepMs: KEEP_MS,
    maxKeptBytes: MAX_KEPT_BYTES,
    now: moments.now,
    sizeOf: (text) => 2 * (text?.length ?? 0),
    onShared: () => metrics.shared.inc(),
  });
  // A generation's store gives the same operation for the same text.
  const planned = new WeakMap<ExecutableOperation, PlannedStream>();

  /** @throws ClientError when the subscription cannot run */
  const plan = async ({ checked, operationName, context }: Parameters<PrepareStream>[0]): Promise<PlannedStream> => {
    const { generation, document, variables } = checked;
    const conditions = conditionsOf(document, operationName, variables);
    const refusal = generation.costLimit?.refuse({ document, operationName, conditions, variables });
    if (refusal) throw refusal;
    const operation = await generation.operations.prepare({
      document,
      documentKey: documentKey(document),
      operationName,
      overrideLabels: generation.overrideLabels.chosenFor(context.requestId),
      conditions,
    });
    const { apiSchema: schema } = generation.supergraph;
    const known = planned.get(operation);
    if (known) return known;
    const stream = planStream({ schema, document, operationName, conditions, operation }, graphOf(generation));
    planned.set(operation, stream);
    return stream;
  };

  const execute = (stream: Executable, change: Change, context: ChangeContext, payload?: Record<string, unknown>) => {
    const startedAtMs = performance.now();
    const { event } = change;
    const about = { field: stream.planned.field.name, requestId: context.ids.requestId, eventId: event?.id };
    const end = (
      outcome: Parameters<typeof metrics.ended>[0],
      value: string | undefined,
    ): Outcome<string | undefined> => {
      metrics.ended(outcome, startedAtMs);
      return { value, isKept: outcome === "whole" || outcome === "none" };
    };
    const run = withDeadline(
      deadlines,
      async (signal) => {
        const calling = callContext(stream.caller, context, change.traceparent);
        const answer = payload
          ? asEvent({ entity: payload, errors: [], reply: PAYLOAD_REPLY }, stream.planned.responseKey)
          : await askOwner(stream, change, calling);
        if (!answer) return end("none", undefined);
        const { data, errors } = await stream.planned.operation.execute({
          variables: stream.variables,
          areCoerced: true,
          context: { ...calling, signal },
          event: answer,
        });
        if (signal.aborted) return end("late", undefined);
        if (errors.length === 0) return end("whole", `{"data":${data ?? "null"}}`);
        const codes = codesOf(errors);
        const reason = `${about.field} ${codes.join()}`;
        if (!context.told.has(reason)) log.warn({ ...about, codes }, "an event could not be resolved whole");
        context.told.add(reason);
        return end("errors", `{"data":${data ?? "null"},"errors":${JSON.stringify(errors)}}`);
      },
      () => {
        log.error(about, "an event could not be resolved in time");
        return end("late", failure("SUBGRAPH_UNAVAILABLE", LATE_MESSAGE, context));
      },
    );
    return run.catch((err: unknown) => {
      log.error({ err, ...about }, "an event could not be resolved");
      return end("failed", failure("INTERNAL_SERVER_ERROR", UNEXPECTED_ERROR_MESSAGE, context));
    });
  };

  /** @returns `undefined` when there is no such entity, or none for this caller */
  const askOwner = async (
    stream: Executable,
    change: Change,
    context: UpstreamContext,
  ): Promise<SubgraphReply | undefined> => {
    const { responseKey } = stream.planned;
    const types = entitiesOf(stream.planned, change);
    const [only] = types;
    const answers =
      only && types.length === 1
        ? [await ask(stream.asked(only), change.key, context)]
        : await Promise.all(types.map((type) => ask(stream.asked(type), change.key, context)));
    const answer =
      answers.find(({ entity }) => entity !== null) ?? answers.find(({ errors }) => errors.length > 0) ?? answers[0];
    if (!answer || (answer.entity === null && answer.errors.length === 0)) return undefined;
    return asEvent(answer, responseKey);
  };

  const resolve = (stream: Executable, change: Change): Promise<string | undefined> => {
    const { key, event } = change;
    const context = moments.contextOf(event);
    const types = entitiesOf(stream.planned, change);
    const [only] = types;
    // An event of a type that the graph says nothing of.
    if (!only) return Promise.resolve(undefined);
    const lane = stream.lane(types.length === 1 ? only.question.type : "", key);
    const payload = event && only.readPayload?.(event.data, key);
    return payload
      ? lanes.ofEvent(lane, event.id, () => execute(stream, change, context, payload))
      : lanes.present(lane, context.since, () => execute(stream, change, context));
  };

  /** Why the viewer may not watch the entity: the subgraph's own rules decide. */
  const refuse = async ({ planned: stream, caller }: Executable, key: EntityKey, viewer: Viewer) => {
    const context = callContext(caller, moments.contextOf(undefined));
    const answers = await Promise.all(
      entitiesOf(stream, { key, event: undefined }).map(({ visibility }) => ask(visibility, key, context)),
    );
    if (answers.some(({ entity }) => entity !== null)) return undefined;
    const errors = answers.flatMap((answer) => answer.errors);
    if (errors.length > 0) return errors.map(({ message, extensions }) => new GraphQLError(message, { extensions }));
    // Where nobody's identity counts, signing in would not help.
    const isKnown = viewer !== undefined || stream.isViewerIndependent;
    return [
      isKnown
        ? typedError("FORBIDDEN", "You may not watch this.")
        : typedError("UNAUTHENTICATED", "Sign in to watch this."),
    ];
  };

  return async (request) => {
    const stream = await plan(request);
    const { checked, context } = request;
    const caller = callerOf(context, stream.isViewerIndependent);
    const variables = canonicalValue(checked.variables) as Readonly<Record<string, unknown>>;
    const values = Object.fromEntries(
      stream.variables.flatMap(({ name, given }): [string, unknown][] =>
        Object.hasOwn(variables, given) ? [[name, variables[given]]] : [],
      ),
    );
    const executionKey = digest([stream.key, Object.entries(values), caller.fingerprint]);
    const executable = new Executable(stream, caller, variables, values, executionKey);
    const prepared: PreparedStream = {
      field: stream.field,
      args: getArgumentValues(stream.definition, stream.node, checked.variables),
      claims: claimsOf(context.viewer),
      executionKey,
      resolve: (change) => resolve(executable, change),
      refuse: (key) => refuse(executable, key, context.viewer),
    };
    return prepared;
  };
}

/** A planned stream with everything that its executions depend on. */
class Executable {
  private lastAsked: AskedQuestion | undefined;
  private lastLane: { readonly type: string; readonly key: EntityKey; readonly name: string } | undefined;

  /**
   * @param variables coerced, under the client's names
   * @param values those of them that reach a subgraph, under the plan's names
   */
  constructor(
    readonly planned: PlannedStream,
    readonly caller: Caller,
    readonly variables: Readonly<Record<string, unknown>>,
    private readonly values: Readonly<Record<string, unknown>>,
    readonly executionKey: string,
  ) {}

  /** Most streams are of one type, and ask the same each time. */
  asked({ question }: PlannedEntity): AskedQuestion {
    if (this.lastAsked?.question === question) return this.lastAsked;
    const own = question.definitions.flatMap(({ variable: { name } }): [string, unknown][] =>
      Object.hasOwn(this.values, name.value) ? [[name.value, this.values[name.value]]] : [],
    );
    return (this.lastAsked = new AskedQuestion(question, Object.fromEntries(own)));
  }

  /** And many of them of one entity. */
  lane(type: string, key: EntityKey): string {
    const { lastLane } = this;
    if (lastLane?.type === type && lastLane.key === key) return lastLane.name;
    const name = `${this.executionKey} ${type} ${JSON.stringify(key)}`;
    this.lastLane = { type, key, name };
    return name;
  }
}

/** What an entity may be: of a union or an interface the event's type says it, and without an event it is whichever there is. */
function entitiesOf(
  { entities, field }: Pick<PlannedStream, "entities" | "field">,
  { event }: Change,
): readonly PlannedEntity[] {
  if (entities.size === 1 || !event) return [...entities.values()];
  const entity = entities.get(field.entities.get(event.type) ?? "");
  return entity ? [entity] : [];
}

/** The answer as a subgraph would stream it: `["total"]` is `["orderUpdated", "total"]` there. */
function asEvent({ entity, errors, reply }: EntityAnswer, responseKey: string): SubgraphReply {
  const { isPlain, isAscii, isShared, bytes, isFault } = reply;
  const data = entity === null ? null : { [responseKey]: entity };
  return { data, errors: errors.map((error) => below(responseKey, error)), isPlain, isAscii, isShared, bytes, isFault };
}

const below = (responseKey: string, { message, path, extensions }: GraphQLError) =>
  path
    ? new GraphQLError(message, { path: [responseKey, ...path], extensions })
    : new GraphQLError(message, { extensions });

/** Of an event nobody knows whether its strings need escaping. */
const PAYLOAD_REPLY: SubgraphReply = Object.freeze({
  data: null,
  errors: [],
  isPlain: false,
  bytes: 0,
  isFault: false,
});

/** What `$claims` of conditions stands for. */
function claimsOf(viewer: Viewer): Readonly<Record<string, unknown>> {
  if (!viewer) return {};
  const { kind, subject, roles, scopes, sessionId } = viewer;
  const claims: EventClaims = { sub: subject, kind, roles, scopes };
  return sessionId === undefined ? { ...claims } : { ...claims, sid: sessionId };
}

const LATE_MESSAGE = "A service behind this part of the graph is not available; try again later.";

function failure(code: ClientError["code"], message: string, { ids: { requestId } }: ChangeContext): string {
  return JSON.stringify({ data: null, errors: [typedError(code, message, { requestId })] });
}

const codesOf = (errors: readonly GraphQLError[]): readonly unknown[] => [
  ...new Set(errors.map(({ extensions }) => extensions["code"])),
];

const documentKeys = new WeakMap<DocumentNode, string>();

/** As gateway/operation/check-document.ts makes it. */
function documentKey(document: DocumentNode): string {
  const known = documentKeys.get(document);
  if (known !== undefined) return known;
  const key = createHash("sha256")
    .update(document.loc?.source.body ?? print(document))
    .digest("hex");
  documentKeys.set(document, key);
  return key;
}
