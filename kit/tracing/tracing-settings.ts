import { z } from "zod";
import { ConfigError, type Environment, flag, parseEnvironment, url } from "../config";

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

const endpoint = () => url(["http", "https"]).optional();
/** Spans go as JSON, which every OTLP/HTTP receiver takes at the address where it takes protobuf. */
const protocol = () =>
  z.enum(["http/json", "http/protobuf"], "must be http/json: spans are not sent over gRPC").optional();

const shape = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol(),
  OTEL_SDK_DISABLED: flag(false),
  OTEL_TRACES_EXPORTER: z.enum(["otlp", "none"], "must be otlp or none").default("otlp"),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(", ")}`).optional(),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .refine((text) => text.trim() !== "" && Number(text) >= 0 && Number(text) <= 1, "must be a number from 0 to 1")
    .optional(),
};

/**
 * Reads OpenTelemetry's standard variables as far as they decide whether and what is traced; the SDK reads the rest.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 *
 * @returns whether spans are to be recorded: only where there is somewhere to send them
 * @throws ConfigError for a variable that the SDK would put aside in silence
 */
export function isTracingWanted(env: Environment): boolean {
  const settings = parseEnvironment(env, shape);
  const to = settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (to === undefined || settings.OTEL_SDK_DISABLED || settings.OTEL_TRACES_EXPORTER === "none") return false;
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio } = settings;
  if (sampler?.endsWith("traceidratio") && ratio === undefined) {
    throw new ConfigError([`OTEL_TRACES_SAMPLER_ARG is not set: ${sampler} needs the part of traces, from 0 to 1`]);
  }
  return true;
}
