import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export type { Registry };
export { Counter, Gauge, Histogram };

/** One registry per process, with the figures of Node itself and the service's name on every series. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
