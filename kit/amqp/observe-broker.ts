import { Gauge, type Registry } from "../metrics";
import type { Broker } from "./connect-broker";

/** Not a condition of readiness: a service answers while the broker is away, and its events wait in the outbox. */
export function observeBroker(broker: Broker, metrics: Registry): void {
  new Gauge({
    name: "broker_connected",
    help: "1 while the service has its connection to the broker.",
    registers: [metrics],
    collect() {
      this.set(broker.connected ? 1 : 0);
    },
  });
}
