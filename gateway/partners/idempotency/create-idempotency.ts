import { createHash, randomUUID } from "node:crypto";
import type { Logger } from "../../../kit/log";
import { findExceededVariableLimit } from "../../access/limits/variable-limits";
import type { Answer, Call, CallStage, RunCall } from "../calls/call";
import { CallRefused } from "../calls/call-refused";
import { createClaims } from "./create-claims";
import type { HasEffectsOnce } from "./effects-once";
import { fingerprintOf } from "./fingerprint";
import type { IdempotencyStore, ScopedKey } from "./idempotency-store";
import { asAnswer, outcomeOf, toKeep } from "./outcome";
import { readIdempotencyKey } from "./read-idempotency-key";
import { answerNotKept, keyInUse, keyRequired, keyReused, keysAway, outcomeUnknown } from "./refusals";

/** A gateway that runs a call proves in these steps that it lives, and is taken for lost after the time of several. */
export const RENEW_MS = 1_500;
export const LEASE_MS = 6_000;
const PRUNE_MS = 600_000;
const MAX_ANSWER_BYTES = 262_144;

export interface Idempotency {
  readonly stage: CallStage;
  /** Waits for calls that run on although nobody waits for their answer. */
  close(): Promise<void>;
}

/**
 * Runs each mutation of a partner once, however often it is sent: the first call's answer is given again for as long as its key is kept.
 * docs/adr/0023-idempotency-at-the-gateway.md says what happens when a gateway is lost in between.
 */
export function createIdempotency(options: {
  store: IdempotencyStore;
  hasEffectsOnce: HasEffectsOnce;
  log: Logger;
  renewMs?: number;
  maxAnswerBytes?: number;
}): Idempotency {
  const { store, hasEffectsOnce, log, renewMs = RENEW_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const claims = createClaims({ store, renewMs, log });
  const pruning = setInterval(() => void prune(), PRUNE_MS).unref();

  const prune = async () => {
    try {
      while ((await store.prune()) > 0);
    } catch (err) {
      log.warn({ err }, "old idempotency keys could not be deleted");
    }
  };

  const guarded = async <Result>(work: Promise<Result>, { requestId }: Call): Promise<Result> => {
    try {
      return await work;
    } catch (err) {
      log.error({ err, requestId }, "an idempotency key could not be looked up");
      throw keysAway();
    }
  };

  /** @returns an answer from before, or undefined when the call is ours to run under the claim */
  const take = async (call: Call, key: ScopedKey, claim: string): Promise<Answer | undefined> => {
    const { operation, variables } = call;
    const fingerprint = fingerprintOf(operation.id, variables);
    const taking = store.take(key, { fingerprint, operation: operation.name, claim });
    taking.catch(() => claims.disown(claim));
    const taken = await guarded(taking, call);
    if (!taken) return undefined;
    if (taken.fingerprint !== fingerprint) throw keyReused();
    switch (taken.state) {
      case "answered":
        call.answerHeaders.set("idempotent-replayed", "true");
        return asAnswer(taken.answer);
      case "too-large":
        throw answerNotKept();
      case "running":
        throw keyInUse();
      case "abandoned":
        if (!isRepeatable(call)) throw outcomeUnknown();
        if (!(await guarded(store.takeOver(key, taken.claim, claim), call))) throw keyInUse();
        return undefined;
    }
  };

  /** A test key changes nothing, so nothing can happen twice. */
  const isRepeatable = ({ partner, operation }: Call): boolean => partner.mode === "test" || hasEffectsOnce(operation);

  const run = async (call: Call, claim: string, next: () => Answer | Promise<Answer>): Promise<Answer> => {
    let answer: Answer;
    try {
      answer = await next();
    } catch (error) {
      await claims.settle(() => (error instanceof CallRefused ? store.free([claim]) : store.abandon(claim)));
      throw error;
    }
    const outcome = outcomeOf(answer);
    const isWritten = await claims.settle(() => {
      if (outcome === "refused") return store.free([claim]);
      if (outcome === "uncertain" && isRepeatable(call)) return store.abandon(claim);
      return store.keep(claim, toKeep(answer, maxAnswerBytes));
    });
    // Somebody took this gateway for lost, and runs the call for its own caller: there is one answer, and it is theirs.
    if (!isWritten) throw keyInUse();
    return answer;
  };

  const once = async (call: Call, next: RunCall): Promise<Answer> => {
    const text = call.header("idempotency-key");
    const key = text === undefined ? undefined : readIdempotencyKey(text);
    if (key === undefined) throw keyRequired();
    const exceeded = findExceededVariableLimit(call.variables);
    if (exceeded) throw new CallRefused(400, "OPERATION_LIMIT_EXCEEDED", exceeded.message);
    const scoped = { partnerId: call.partner.id, mode: call.partner.mode, key };
    const claim = randomUUID();
    return claims.hold(claim, async () => {
      const earlier = await take(call, scoped, claim);
      if (earlier) return earlier;
      // Without the signal: who is gone may come back and ask what became of it.
      const { signal: _, ...others } = call;
      return run(call, claim, () => next({ ...others, idempotencyKey: upstreamKey(scoped, call.operation.id) }));
    });
  };

  return {
    stage: (call, next) => (call.operation.type === "mutation" ? once(call, next) : next(call)),
    close: async () => {
      clearInterval(pruning);
      await claims.close();
    },
  };
}

/** The same for every try of one call, at whichever gateway; nobody learns the partner's key from it. */
const upstreamKey = ({ partnerId, mode, key }: ScopedKey, operationId: string): string =>
  createHash("sha256").update([partnerId, mode, operationId, key].join("\n")).digest("base64url");
