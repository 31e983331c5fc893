import { callerKey } from "./caller-key";
import type { CallSubgraph, OnOutcome, RunningCall } from "./call-subgraph";

/**
 * Queries that are asked while the same one is on its way wait for its outcome, whatever that is, in place of being sent. The same are
 * those with equal bodies, of viewers of equal value, with equal forwarded headers: everything by which a subgraph may tell callers
 * apart. The request id and the trace context are not part of it; the subgraph sees those of whoever asked first.
 *
 * The deadline is that of the call: who joins it waits for what is left. Whoever leaves takes nothing from the others; the call is given
 * up when the last one left. Nothing is kept after the outcome, so that an answer is never older than the call that brought it.
 *
 * @param onShared called for every query that joins a running call
 */
export function shareCalls(call: CallSubgraph, onShared: () => void): CallSubgraph {
  const running = new Map<string, Map<string, SharedCall>>();

  const forget = (who: string, body: string, shared: SharedCall) => {
    const bodies = running.get(who);
    if (bodies?.get(body) !== shared) return;
    bodies.delete(body);
    if (bodies.size === 0) running.delete(who);
  };

  return (request, context, onEnd) => {
    const { kind, body } = request;
    if (kind !== "query") return call(request, context, onEnd);
    const who = callerKey(context);
    const known = running.get(who)?.get(body);
    if (known) {
      onShared();
      return known.join(onEnd);
    }
    const shared: SharedCall = new SharedCall(() => forget(who, body, shared));
    const bodies = running.get(who) ?? new Map<string, SharedCall>();
    running.set(who, bodies.set(body, shared));
    const place = shared.join(onEnd);
    shared.start((onOutcome) => call(request, context, onOutcome));
    return place;
  };
}

class SharedCall {
  private readonly waiting = new Set<OnOutcome>();
  private call: RunningCall | undefined;

  /** @param onClosed called when nobody can join any more */
  constructor(private readonly onClosed: () => void) {}

  join(onEnd: OnOutcome): RunningCall {
    this.waiting.add(onEnd);
    return { giveUp: () => this.leave(onEnd) };
  }

  start(call: (onOutcome: OnOutcome) => RunningCall): void {
    this.call = call((outcome) => {
      this.onClosed();
      // Whatever still points to this, nothing of the call is needed any more.
      this.call = undefined;
      const all = [...this.waiting];
      this.waiting.clear();
      for (const onEnd of all) onEnd(outcome, all.length > 1);
    });
  }

  private leave(onEnd: OnOutcome): void {
    if (!this.waiting.delete(onEnd) || this.waiting.size > 0) return;
    this.onClosed();
    this.call?.giveUp();
  }
}
