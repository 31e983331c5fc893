import type { FetchDataRewrite } from "@apollo/query-planner";
import type { SubgraphClient, SubgraphReply } from "../../upstream/upstreams";
import type { UpstreamContext } from "../../upstream/upstream-context";
import type { Represent } from "../compile/compile-representations";
import type { Walk } from "../compile/compile-walks";
import type { Site } from "../layout/site";
import type { SupergraphTypes } from "../layout/supergraph-types";
import type { Fetch } from "../plan/fetch";
import { contextQuery, type SubgraphCall } from "../plan/subgraph-call";
import { rewriteData } from "./rewrite-data";
import { type ContextOf, type ExecutionState, noteLack, type SiteState } from "./state";

/** A plan made ready to run: everything that does not depend on the request. */
export interface RunnablePlan {
  readonly fetches: readonly Fetch[];
  readonly calls: readonly RunnableCall[];
  readonly siteOf: ReadonlyMap<Fetch, Site>;
  readonly walks: readonly Walk[];
  /** By fetch; undefined for fetches of root fields. */
  readonly represent: readonly (Represent | undefined)[];
}

export interface RunnableCall extends SubgraphCall {
  readonly client: SubgraphClient;
  /** Indices of the calls that wait for this one. */
  readonly before: readonly number[];
  /** Output rewrites of its fetches, as one function of the data; undefined when there are none. */
  readonly rewrite: ((data: Record<string, unknown>) => void) | undefined;
}

/** Sees each call that was made, in the order of their ends. */
export interface CallObserver {
  onCall(
    call: SubgraphCall,
    reply: SubgraphReply,
    timing: { startMs: number; endMs: number; representations: number },
  ): void;
}

export interface Run {
  /** Settles when all calls of the given parts have ended. `undefined` is what belongs to no deferred part. */
  finished(part: string | undefined): Promise<void>;
}

/** Starts every call as soon as those it waits for have ended. Nothing rejects: what goes wrong is in the state. */
export function runPlan(
  plan: RunnablePlan,
  state: ExecutionState,
  context: UpstreamContext,
  options: {
    /** The client's names of the plan's variables. */
    readonly given: (variable: string) => unknown;
    readonly observer?: CallObserver | undefined;
    /** Labels of parts that are not put off in this request. */
    readonly isDeferred: (part: string | undefined) => boolean;
    /** Answers the first fetch instead of its subgraph: the event of a subscription. */
    readonly event?: SubgraphReply | undefined;
  },
): Run {
  const { calls } = plan;
  const waiting = calls.map(({ after }) => after.length);
  const left = new Map<string | undefined, number>();
  const settle = new Map<string | undefined, Settling>();
  let broken: { readonly fault: unknown } | undefined;
  const partOf = (call: SubgraphCall) => (options.isDeferred(call.part) ? call.part : undefined);
  for (const call of calls) left.set(partOf(call), (left.get(partOf(call)) ?? 0) + 1);

  const end = (call: RunnableCall) => {
    for (const next of call.before) {
      if (--(waiting[next] as number) === 0) start(calls[next] as RunnableCall);
    }
    const part = partOf(call);
    const rest = (left.get(part) ?? 0) - 1;
    left.set(part, rest);
    if (rest === 0) settle.get(part)?.resolve();
  };

  const fail = (fault: unknown) => {
    broken = { fault };
    for (const { reject } of settle.values()) reject(fault);
  };

  const take = (call: RunnableCall, reply: SubgraphReply): void => {
    takeReply(call, reply, state);
    end(call);
  };

  const start = (call: RunnableCall): void => {
    const { event, observer } = options;
    // Nobody is asked what the event says.
    if (event && call.index === 0) return take(call, event);
    const prepared = prepareCall(plan, call, state, options.given);
    if (!prepared) return end(call);
    const { body, representations } = prepared;
    const startMs = observer ? performance.now() : 0;
    call.client
      .send(call.rewrite ? { body, kind: call.kind, rewrite: call.rewrite } : { body, kind: call.kind }, context)
      .then((reply) => {
        observer?.onCall(call, reply, { startMs, endMs: performance.now(), representations });
        take(call, reply);
      })
      .catch(fail);
  };

  try {
    for (const call of calls) if (call.after.length === 0) start(call);
  } catch (fault) {
    fail(fault);
  }

  return {
    finished: (part) => {
      // A fault of the gateway, such as generated code that throws.
      if (broken) return Promise.reject(broken.fault as Error);
      if ((left.get(part) ?? 0) === 0) return Promise.resolve();
      const known = settle.get(part);
      if (known) return known.promise;
      const settling = createSettling();
      settle.set(part, settling);
      return settling.promise;
    },
  };
}

interface Settling {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

function createSettling(): Settling {
  let resolve!: () => void;
  let reject!: (fault: unknown) => void;
  const promise = new Promise<void>((onEnd, onFault) => {
    resolve = onEnd;
    reject = onFault;
  });
  return { promise, resolve, reject };
}

/** @returns undefined when there is nothing to ask: no object was found, or none has all that is required */
function prepareCall(
  plan: RunnablePlan,
  call: RunnableCall,
  state: ExecutionState,
  given: (variable: string) => unknown,
): { body: string; representations: number } | undefined {
  if (call.parts.length === 0) {
    const fetch = call.fetches[0] as Fetch;
    if (fetch.path.length > 0 && siteState(plan, fetch, state).size === 0) return undefined;
    return { body: createBody(call.query, valuesOf(call.variables, given)), representations: 0 };
  }
  const lists: string[] = [];
  let representations = 0;
  for (const { fetches, variable } of call.parts) {
    const texts = new Map<string, number>();
    for (const fetch of fetches) {
      const represent = plan.represent[fetch.index] as Represent;
      const places = represent(state, siteState(plan, fetch, state), texts);
      state.asked[fetch.index] = { alias: aliasOf(call, fetch), places };
    }
    representations += texts.size;
    lists.push(`"${variable}":[${[...texts.keys()].join(",")}]`);
  }
  if (representations === 0) return undefined;
  const values = valuesOf(call.variables, given);
  if (call.hasContexts) return contextBody(plan, call, state, values);
  return { body: createBody(call.query, [...lists, ...values]), representations };
}

const aliasOf = (call: SubgraphCall, fetch: Fetch): string =>
  call.parts.find(({ fetches }) => fetches.includes(fetch))?.alias ?? "_entities";

/** The objects at the fetch's site, found at the first call that asks about them. */
function siteState(plan: RunnablePlan, fetch: Fetch, state: ExecutionState): SiteState {
  const site = plan.siteOf.get(fetch) as Site;
  return (state.sites[site.index] ??= (plan.walks[site.index] as Walk)(state));
}

const createBody = (query: string, variables: readonly string[]): string =>
  variables.length === 0 ? `{${query}}` : `{${query},"variables":{${variables.join(",")}}}`;

/** `"name":value` for each variable that the client gave. */
function valuesOf(names: readonly string[], given: (variable: string) => unknown): readonly string[] {
  return names.flatMap((name) => {
    const text = JSON.stringify(given(name)) as string | undefined;
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
}

/** Entities under different contexts are asked under different aliases, each with its own arguments. */
function contextBody(
  plan: RunnablePlan,
  call: RunnableCall,
  state: ExecutionState,
  values: readonly string[],
): ReturnType<typeof prepareCall> {
  const fetch = call.fetches[0] as Fetch;
  const site = siteState(plan, fetch, state);
  const represent = plan.represent[fetch.index] as Represent;
  // One text for each class, in order: two classes of equal representation differ in their context.
  const texts = new Map<string, number>();
  const places = represent(state, site, texts);
  const textAt = [...texts.keys()];
  const sets = new Map<string, { readonly arguments: Readonly<Record<string, unknown>>; readonly classes: number[] }>();
  places.forEach((place, classIndex) => {
    if (place < 0) return;
    const context = site.contexts[classIndex] as ContextOf;
    if (!("given" in context)) {
      if (context.lack) noteLack(state, { fetch, place: classIndex }, context.lack);
      return;
    }
    const { given } = context;
    const key = JSON.stringify(given);
    const set = sets.get(key) ?? { arguments: given, classes: [] };
    sets.set(key, set);
    set.classes.push(classIndex);
  });
  const all = [...sets.values()];
  if (all.length === 0) return undefined;
  const representations = all.reduce((sum, { classes }) => sum + classes.length, 0);
  state.contextSets[fetch.index] = all.map(({ classes }) => classes);
  const [only] = all;
  if (all.length === 1 && only) {
    const list = `"representations":[${only.classes.map((c) => textAt[places[c] as number]).join(",")}]`;
    const own = Object.entries(only.arguments).map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
    return { body: createBody(call.query, [list, ...own, ...values]), representations };
  }
  const variables = all.flatMap(({ arguments: given, classes }, i) => [
    `"representations_${i}":[${classes.map((c) => textAt[places[c] as number]).join(",")}]`,
    ...Object.entries(given).map(([name, value]) => `"${name}_${i}":${JSON.stringify(value)}`),
  ]);
  const query = `"query":${JSON.stringify(contextQuery(fetch, all.length))}`;
  return { body: createBody(query, [...variables, ...values]), representations };
}

/** Puts an answer where the writer looks for it. */
function takeReply(call: RunnableCall, reply: SubgraphReply, state: ExecutionState): void {
  const { data } = reply;
  for (const fetch of call.fetches) {
    state.replies[fetch.index] = reply;
    if (fetch.path.length === 0) {
      state.roots[fetch.index] = data ?? undefined;
      continue;
    }
    if (!data) continue;
    if (!fetch.requires) {
      state.entities[fetch.index] = [data];
      continue;
    }
    const sets = state.contextSets[fetch.index];
    const asked = state.asked[fetch.index];
    if (sets) {
      const results: unknown[] = [];
      sets.forEach((classes, i) => {
        const list = data[sets.length === 1 ? "_entities" : `_e${i}`];
        if (Array.isArray(list)) classes.forEach((c, place) => (results[c] = (list as unknown[])[place]));
      });
      state.entities[fetch.index] = results;
    } else if (asked) {
      const list = data[asked.alias];
      if (!Array.isArray(list)) continue;
      state.entities[fetch.index] = asked.places.map((place) => (place < 0 ? undefined : (list as unknown[])[place]));
    }
  }
}

/** @returns what the call's fetches rewrite in its answer, as one function */
export function callRewrite(call: SubgraphCall, types: SupergraphTypes): RunnableCall["rewrite"] {
  const own = (rewrites: readonly FetchDataRewrite[], data: unknown) => rewriteData(data, rewrites, types);
  if (call.fetches.every(({ outputRewrites }) => outputRewrites.length === 0)) return undefined;
  if (call.parts.length === 0) return (data) => own(call.fetches[0]?.outputRewrites ?? [], data);
  if (call.hasContexts)
    return (data) => Object.values(data).forEach((list) => own(call.fetches[0]?.outputRewrites ?? [], list));
  return (data) => {
    for (const { alias, fetches } of call.parts) own(fetches[0]?.outputRewrites ?? [], data[alias]);
  };
}
