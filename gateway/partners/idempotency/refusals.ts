import { CallRefused } from "../calls/call-refused";

const RETRY_S = "1";
const AGAIN = { headers: { "retry-after": RETRY_S } };

export const keyRequired = () =>
  new CallRefused(
    400,
    "IDEMPOTENCY_KEY_REQUIRED",
    "A mutation needs the header Idempotency-Key, once: a text of your own, 1 to 255 visible ASCII characters, the same whenever you try this call again.",
  );

export const keyReused = () =>
  new CallRefused(
    422,
    "IDEMPOTENCY_KEY_REUSED",
    "This Idempotency-Key was sent before with another operation or other variables; take a new one.",
  );

export const keyInUse = () =>
  new CallRefused(
    409,
    "IDEMPOTENCY_KEY_IN_USE",
    "A call with this Idempotency-Key is still running; ask again for its answer.",
    AGAIN,
  );

export const outcomeUnknown = () =>
  new CallRefused(
    409,
    "IDEMPOTENCY_OUTCOME_UNKNOWN",
    "The first call with this Idempotency-Key was lost while it ran. Find out whether it took effect; to call again, take a new key.",
  );

export const answerNotKept = () =>
  new CallRefused(
    409,
    "IDEMPOTENCY_ANSWER_NOT_KEPT",
    "The call with this Idempotency-Key has run, and its answer was too large to be kept; ask for what it has changed.",
  );

export const keysAway = () =>
  new CallRefused(
    503,
    "SERVICE_UNAVAILABLE",
    "Idempotency keys cannot be looked up at the moment; nothing was run. Try again with the same key.",
    AGAIN,
  );
