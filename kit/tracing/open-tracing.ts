import type { Environment } from "../config";
import type { Logger } from "../log";
import type { Registry } from "../metrics";
import type { Closable } from "../shutdown";
import { useTracer } from "./tracer";
import { isTracingWanted } from "./tracing-settings";

type SdkModule = typeof import("./create-sdk-tracer");

/**
 * Traces the process when the environment says where to (`OTEL_EXPORTER_OTLP_ENDPOINT`, as OpenTelemetry's specification has it). Otherwise
 * nothing is loaded: the SDK takes memory even when it is idle.
 *
 * @param options.env of the process: the SDK reads its own settings there
 * @param options.service the `service.name` of its spans, unless the environment names another
 * @returns what ends tracing: close it last, so that the spans of closing are sent too
 * @throws ConfigError for a variable that cannot be followed
 */
export function openTracing(options: { service: string; env: Environment; log: Logger; metrics: Registry }): Closable {
  if (!isTracingWanted(options.env)) return { close: () => undefined };
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a dynamic import cannot name a TypeScript file
  const { createSdkTracer } = require("./create-sdk-tracer") as SdkModule;
  const { tracer, close } = createSdkTracer(options);
  useTracer(tracer);
  return {
    close: () => {
      useTracer(undefined);
      return close();
    },
  };
}
