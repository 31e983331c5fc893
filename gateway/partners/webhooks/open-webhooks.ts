import type { Broker } from "../../../kit/amqp/connect-broker";
import { consumeEvents, type EventConsumer } from "../../../kit/amqp/consume-events";
import { createDelayedWakes } from "../../../kit/amqp/delayed-wakes";
import type { Topology } from "../../../kit/amqp/topology";
import type { Logger } from "../../../kit/log";
import type { Registry } from "../../../kit/metrics";
import { isPostgresAway } from "../../../kit/postgres/is-postgres-away";
import type { Generation, Generations } from "../../generation";
import { type Clock, systemClock } from "../../streams/core/clock";
import type { PrepareStream } from "../../streams/core/prepared-stream";
import { readEventFields } from "../../streams/event-fields";
import type { OperationRegistry } from "../registry/operation-registry";
import { createDeliveryWorker } from "./create-delivery-worker";
import { createRenderer } from "./create-renderer";
import { createEndpointGuard } from "./guard-endpoints";
import { createRenderMessage } from "./render-message";
import { renewSecrets } from "./renew-secrets";
import { DELIVERY_DELAYS_MS } from "./retry-schedule";
import { createSendMessage } from "./send-message";
import { createWebhookSender } from "./send-webhook";
import { createSubscribers } from "./subscribers";
import { type CheckSubscription, createSubscriptions } from "./subscriptions";
import { createEventTaker } from "./take-events";
import type { TargetRules } from "./target-address";
import { createWebhookApi, type WebhookApi } from "./webhook-api";
import { createWebhookMetrics } from "./webhook-metrics";
import { createSecretSealer } from "./webhook-secret";
import type { EndpointStore, MessageStore } from "./webhook-store";

export interface Webhooks {
  readonly api: WebhookApi;
  close(): Promise<void>;
}

/** Where the events of live data come from, and how subscriptions run. */
export interface LiveEvents {
  readonly broker: Broker;
  readonly topology: Topology;
  readonly prepare: PrepareStream;
}

/** How often the database is asked for what nobody was woken for. */
const SWEEP_MS = 15_000;
const KEPT_MS = 30 * 86_400_000;
const FORGET_EVERY_MS = 3_600_000;

/**
 * Joins the parts of webhooks: events in, messages into the store, bodies, deliveries. Any number of gateways share a broker and a database.
 * @param options.opened the store can be used since then @param options.secretKey encrypts the endpoints' secrets
 */
export function openWebhooks(options: {
  live: LiveEvents;
  endpoints: EndpointStore;
  messages: MessageStore;
  opened: Promise<void>;
  generations: Generations;
  registry: () => OperationRegistry;
  check: CheckSubscription;
  secretKey: string;
  /** Encrypted them before: what is left of it is encrypted anew at the start. */
  formerSecretKey: string | undefined;
  rules: TargetRules;
  delaysMs?: readonly number[];
  clock?: Clock;
  log: Logger;
  metrics: Registry;
}): Webhooks {
  const { live, endpoints, messages, opened, generations, registry, check, rules, log } = options;
  const { clock = systemClock, delaysMs = DELIVERY_DELAYS_MS } = options;
  const { broker, topology, prepare } = live;
  const now = () => new Date(clock.now());
  const metrics = createWebhookMetrics(options.metrics);
  const sealer = createSecretSealer(options.secretKey, options.formerSecretKey);
  const sender = createWebhookSender({ rules });
  const send = createSendMessage({ endpoints, sealer, send: sender.send, now });
  const subscriptions = createSubscriptions({ generations, registry, check, prepare });
  const subscribers = createSubscribers({
    endpoints,
    subscriptions,
    generation: generations.current,
    registry,
    now,
    log,
  });

  let isClosed = false;
  let stop: (() => Promise<void>) | undefined;
  let wake = () => undefined as void;

  const start = () => {
    const guard = createEndpointGuard({ endpoints, messages, send, now, metrics, log });
    const common = { messages, sweepMs: SWEEP_MS, clock, metrics, log };
    const worker = createDeliveryWorker({
      ...common,
      send,
      guard,
      retryLater: ({ delayMs, at }) => void wakes.in(delayMs, at),
      delaysMs,
    });
    const wakes = createDelayedWakes({
      broker,
      topology,
      service: SERVICE,
      name: NAME,
      delaysMs,
      onWake: worker.wakeAt,
      log,
    });
    const render = createRenderMessage({ subscriptions, endpoints, now });
    const renderer = createRenderer({ ...common, render, onRendered: worker.wake });
    const taker = createEventTaker({
      subscribers,
      messages,
      isAway: isPostgresAway,
      now,
      onTaken: renderer.wake,
      log,
    });
    if (options.formerSecretKey !== undefined) {
      renewSecrets({ endpoints, sealer, log }).catch((err: unknown) =>
        log.error(
          { err },
          "secrets of webhooks could not be sealed under the present pepper; the next start tries again",
        ),
      );
    }
    const consumer = consumeTypes({ generations, live, take: taker.take, log });
    const forget = setInterval(() => {
      messages
        .forget(new Date(clock.now() - KEPT_MS))
        .catch((err: unknown) => log.warn({ err }, "old webhooks could not be forgotten"));
    }, FORGET_EVERY_MS).unref();
    wake = () => {
      renderer.wake();
      worker.wake();
    };
    stop = async () => {
      clearInterval(forget);
      taker.close();
      await consumer.close();
      await renderer.close();
      await worker.close();
      await wakes.close();
    };
  };
  opened.then(
    () => {
      if (!isClosed) start();
    },
    () => undefined,
  );

  return {
    api: createWebhookApi({
      endpoints,
      messages,
      subscriptions,
      registry,
      send,
      sealer,
      rules,
      now,
      onReplayed: () => wake(),
    }),
    close: async () => {
      isClosed = true;
      await stop?.();
      await sender.close();
    },
  };
}

const SERVICE = "gateway";
const NAME = "webhooks";

/**
 * Consumes the types of events that subscriptions of the graph can be about, and others when the graph changes. The queue stays while no gateway runs: what
 * happens meanwhile is delivered later.
 */
function consumeTypes(options: {
  generations: Generations;
  live: LiveEvents;
  take: Parameters<typeof consumeEvents>[0]["handler"]["handle"];
  log: Logger;
}): EventConsumer {
  const { generations, live, take: handle, log } = options;
  let types: readonly string[] = [];
  let consumer: EventConsumer | undefined;
  let changes = Promise.resolve();
  let isClosed = false;

  const follow = async (generation: Generation): Promise<void> => {
    const next = typesOf(generation);
    if (isClosed || next.join() === types.join()) return;
    types = next;
    await consumer?.close();
    const handler = { name: NAME, eventTypes: types, isOrdered: true, handle };
    consumer = consumeEvents({ ...live, service: SERVICE, handler, log, isAway: isPostgresAway });
  };
  const change = (generation: Generation) => {
    changes = changes.then(() => follow(generation));
  };
  const forget = generations.onChange(change);
  change(generations.current());

  return {
    close: async () => {
      isClosed = true;
      forget();
      await changes;
      await consumer?.close();
    },
  };
}

const typesOf = ({ supergraph }: Generation): readonly string[] =>
  [...new Set([...readEventFields(supergraph.fullDocument).values()].flatMap((field) => field.types))].sort();
