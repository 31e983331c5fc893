import { CallRefused } from "../calls/call-refused";
import { parseRestPath, type RestSegment } from "../../../schema/rest-path";
import { matchPath } from "../rest/match-path";
import type { OperationRegistry, RetiredOperation } from "./operation-registry";

/** The refusal of an operation that could be called once; each door words it in its own format. */
export function operationRetired(
  { name, retiredAt, successor }: Pick<RetiredOperation, "name" | "retiredAt" | "successor">,
  headers: Readonly<Record<string, string>> = {},
): CallRefused {
  const instead =
    successor === undefined
      ? ""
      : successor === name
        ? "; there is a newer version of it"
        : `; call ${successor} in its place`;
  return new CallRefused(
    410,
    "OPERATION_RETIRED",
    `The operation ${name} was retired on ${retiredAt.toISOString().slice(0, 10)}${instead}.`,
    { headers, details: successor === undefined ? {} : { successor } },
  );
}

/** @param path decoded parts of a path that leads to no operation any more */
export function retiredAtPath(
  registry: OperationRegistry,
  partner: string,
  method: "GET" | "POST",
  path: readonly string[],
): RetiredOperation | undefined {
  const candidates = registry.retiredOf(partner).flatMap((operation) => {
    const { rest: binding } = operation;
    return binding ? [{ operation, binding, segments: segmentsOf(binding.path) }] : [];
  });
  const found = matchPath(candidates, method, path);
  return "operation" in found ? found.operation : undefined;
}

/** `/ops/<name>` is reserved and of plain text only. */
function segmentsOf(path: string): readonly RestSegment[] {
  const parsed = parseRestPath(path);
  if (typeof parsed !== "string") return parsed;
  return path
    .slice(1)
    .split("/")
    .map((literal) => ({ literal }));
}
