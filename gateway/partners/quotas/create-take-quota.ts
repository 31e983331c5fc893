import { ClientError } from "../../../kit/errors";
import { type Answer, type Call, keeping } from "../calls/call";
import { CallRefused } from "../calls/call-refused";
import { type OwnQuotas, type Quota, type QuotaBucket, type QuotaStore, type Reservation, secondsUntil } from "./quota";
import { createLimitField, type LimitField, limitField, type NamedQuota, policyField } from "./quota-headers";

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html#section-5.1 */
const QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";
/** Of every call that is let in, whatever comes of it. */
const LEAST = 1;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** For partners and keys that have none of their own; undefined: no limit. */
export interface StandardQuotas {
  readonly partner: Quota | undefined;
  readonly key: Quota | undefined;
}

type Bucket = QuotaBucket & NamedQuota;

/** Of one partner's key. */
interface Quotas {
  readonly buckets: readonly Bucket[];
  readonly policy: string;
  readonly limit: LimitField;
  /** The most that a call may cost. */
  readonly max: number;
}

/** What a call asks of its quotas before it runs. */
interface Demand extends Quotas {
  readonly units: number;
  readonly refusal: CallRefused | undefined;
}

/** What a call has taken of its quotas. */
export interface QuotaHold {
  /** Gives back what it did not use. Once, and not of an answer only. @param answer undefined when there is none */
  settle(answer: Answer | undefined): void;
}

/** @returns what was taken, for the call's end; undefined where there is no quota @throws CallRefused, at once or later */
export type TakeQuota = (call: Call) => QuotaHold | undefined | Promise<QuotaHold>;

/**
 * Lets a call in when its partner and its key both have as many units left as it may cost, and takes that much. Once it is answered the rest is
 * given back: all but one unit where nothing ran. What a gateway took that was lost before giving back is used for good, and comes back with time like all
 * that was used.
 * @param options.estimate in cost units @throws ClientError when the caller's variables do not tell
 */
export function createTakeQuota(options: {
  store: QuotaStore;
  standard: StandardQuotas;
  estimate: (call: Call) => number;
  onRefused: (policy: NamedQuota["name"]) => void;
}): TakeQuota {
  const { store, standard, estimate, onRefused } = options;
  // A partner with other quotas is another object.
  const known = new WeakMap<Call["partner"], Quotas>();
  const quotasOf = ({ partner }: Call) => {
    const found = known.get(partner);
    if (found) return found;
    const buckets = bucketsOf(partner, standard);
    const max = Math.min(...buckets.map(({ units }) => units));
    const quotas = { buckets, policy: policyField(buckets), limit: createLimitField(buckets), max };
    known.set(partner, quotas);
    return quotas;
  };

  /** The refusal of what does not fit into what is left. */
  const beyond = (units: number, buckets: readonly Bucket[], { left }: Reservation, call: Call): CallRefused => {
    const violated = buckets.filter((_, i) => (left[i] ?? 0) < units);
    for (const { name } of violated) onRefused(name);
    const retryAfterS = Math.max(
      1,
      ...buckets.map((bucket, i) => Math.ceil(secondsUntil(units, left[i] ?? 0, bucket))),
    );
    call.answerHeaders.set("ratelimit", limitField(buckets, left, retryAfterS));
    return notEnough(units, violated, retryAfterS);
  };

  const demandOf = keeping((call): Demand => {
    const quotas = quotasOf(call);
    if (quotas.buckets.length === 0) return { ...quotas, units: 0, refusal: undefined };
    return { ...quotas, ...unitsOf(call, estimate, quotas.max) };
  });

  const hold = (call: Call, demand: Demand, reservation: Reservation): QuotaHold => {
    const { buckets, units, refusal } = demand;
    if (refusal) {
      call.answerHeaders.set("ratelimit", limitField(buckets, reservation.left));
      throw refusal;
    }
    if (!reservation.isGranted) throw beyond(units, buckets, reservation, call);
    return new Held(call, demand, reservation);
  };

  return (call) => {
    const demand = demandOf(call);
    const { buckets, policy, units, refusal } = demand;
    if (buckets.length === 0) return undefined;
    call.answerHeaders.set("ratelimit-policy", policy);
    const reservation = store.reserve(buckets, refusal ? 0 : units);
    return reservation instanceof Promise
      ? reservation.then((made) => hold(call, demand, made))
      : hold(call, demand, reservation);
  };
}

class Held implements QuotaHold {
  constructor(
    private readonly call: Call,
    private readonly demand: Demand,
    private readonly reservation: Reservation,
  ) {}

  settle(answer: Answer | undefined): void {
    const { call, demand, reservation } = this;
    const { buckets, units, limit } = demand;
    const used = answer ? usedBy(answer, units) : LEAST;
    reservation.settle(used);
    call.answerHeaders.set("ratelimit", limit(givenBack(reservation.left, units - used, buckets)));
  }
}

function bucketsOf(partner: Call["partner"], standard: StandardQuotas): readonly Bucket[] {
  const own: OwnQuotas = partner.quotas ?? {};
  // The braces keep both on one server of a Redis cluster: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
  const bucket = (name: NamedQuota["name"], id: string) => {
    const quota = own[name] ?? standard[name];
    return quota ? [{ name, id, ...quota }] : [];
  };
  return [...bucket("partner", `{${partner.id}}`), ...bucket("key", `{${partner.id}}:${partner.keyId}`)];
}

/** @param max the whole quota: what may cost more is refused */
function unitsOf(
  call: Call,
  estimate: (call: Call) => number,
  max: number,
): { units: number; refusal: CallRefused | undefined } {
  try {
    const units = asUnits(estimate(call));
    return { units, refusal: units > max ? neverEnough(units, max) : undefined };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { units: 0, refusal: new CallRefused(400, error.code, error.message, { details: error.details }) };
  }
}

/** Of an answer in parts nobody knows before its end what it was. */
const usedBy = ({ body, cost }: Answer, reserved: number): number =>
  cost === undefined ? (body.kind === "chunked" ? reserved : LEAST) : asUnits(cost);

/** What is no number costs the most there is. */
const asUnits = (cost: number): number =>
  Number.isNaN(cost) ? LARGEST : Math.min(LARGEST, Math.max(LEAST, Math.ceil(cost)));

/** What is left in each bucket when so many units are back in it. */
function givenBack(left: readonly number[], units: number, buckets: readonly Bucket[]): readonly number[] {
  const after: number[] = [];
  for (let i = 0; i < buckets.length; i++) after.push(Math.min(buckets[i]?.units ?? 0, (left[i] ?? 0) + units));
  return after;
}

const namesOf = (buckets: readonly Bucket[]) => buckets.map(({ name }) => name);

const notEnough = (units: number, violated: readonly Bucket[], retryAfterS: number) =>
  new CallRefused(
    429,
    "QUOTA_EXCEEDED",
    `The operation may cost ${units}, which is more than the quota of the ${namesOf(violated).join(" and of the ")} has left. Try again in ${retryAfterS} s.`,
    {
      headers: { "retry-after": String(retryAfterS) },
      type: QUOTA_EXCEEDED,
      details: { "violated-policies": namesOf(violated), cost: units },
    },
  );

/** Waiting would not help, so this is not a 429. */
function neverEnough(units: number, max: number): CallRefused {
  const message = `The operation may cost ${units}, which is more than the whole quota of ${max}. Ask for less at once.`;
  return new CallRefused(400, "OPERATION_LIMIT_EXCEEDED", message, { details: { limit: "quota", max, cost: units } });
}
