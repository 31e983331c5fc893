/**
 * Liveness and readiness. Live: the process runs. Ready: it can do its work now, and it is not shutting down.
 */
export interface Health {
  /** Names a thing that must hold for readiness; `check` throws or answers false while it does not. */
  require(name: string, check: () => boolean | Promise<boolean>): void;
  /** From now on the process is not ready: the first step of a shutdown. */
  drain(): void;
  /** One word per requirement: what `GET /health/ready` answers. */
  report(): Promise<HealthReport>;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, "ok" | "failing">>;
}

export function createHealth(): Health {
  const checks = new Map<string, () => boolean | Promise<boolean>>();
  let draining = false;
  return {
    require: (name, check) => void checks.set(name, check),
    drain: () => {
      draining = true;
    },
    report: async () => {
      const results = await Promise.all(
        [...checks].map(async ([name, check]) => {
          // A check that throws says the same as one that answers false: the thing is not there.
          const holds = await Promise.resolve()
            .then(check)
            .catch(() => false);
          return [name, holds ? "ok" : "failing"] as const;
        }),
      );
      const report = Object.fromEntries(results);
      return { ready: !draining && results.every(([, state]) => state === "ok"), checks: report };
    },
  };
}
