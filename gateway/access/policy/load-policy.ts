import path from "node:path";
import type { Logger } from "../../../kit/log";
import type { PolicyFunction } from "../rules/rule";

/** The policy module cannot be used; the message is one sentence for the operator. */
export class PolicyModuleError extends Error {
  override readonly name = "PolicyModuleError";
}

/**
 * Loads the function that decides `@policy`: the default export, or `module.exports`, of a CommonJS or ES module.
 * It is called for each policy of an operation, on the request's way, so it must answer at once: `true` satisfies, anything else does not.
 *
 * @param file resolved from the working directory
 * @throws PolicyModuleError when the module cannot be loaded or exports no function
 */
export function loadPolicy(file: string, log: Logger): PolicyFunction {
  const decide = functionIn(load(file));
  if (!decide) {
    throw new PolicyModuleError(
      `The policy module ${file} has no function as its default export: it needs (policy, viewer) => boolean.`,
    );
  }
  return guarded(decide, log);
}

function load(file: string): unknown {
  try {
    // Loads ES modules too: https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a compiled `import()` is a `require()` that takes no path of Windows
    return require(path.resolve(file)) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new PolicyModuleError(`The policy module ${file} cannot be loaded: ${reason}`, { cause });
  }
}

type Decide = (policy: string, viewer: unknown) => unknown;

const functionIn = (module: unknown): Decide | undefined => {
  const exported: unknown = (module as { readonly default?: unknown } | null | undefined)?.default ?? module;
  return typeof exported === "function" ? (exported as Decide) : undefined;
};

/** A policy that throws is not satisfied; so is one that answers with a promise, which is always truthy. */
function guarded(decide: Decide, log: Logger): PolicyFunction {
  const reported = new Set<string>();
  const reportOnce = (policy: string, attributes: object, sentence: string) => {
    if (reported.has(policy)) return;
    reported.add(policy);
    log.error({ policy, ...attributes }, sentence);
  };
  return (policy, viewer) => {
    try {
      const answer = decide(policy, viewer);
      if (typeof answer !== "boolean") {
        if (answer instanceof Promise) answer.catch(() => undefined);
        reportOnce(policy, { answer: typeof answer }, "a policy is not satisfied: it answers neither true nor false");
      }
      return answer === true;
    } catch (error) {
      reportOnce(policy, { err: error }, "a policy is not satisfied: it throws");
      return false;
    }
  };
}
