import type { Health } from "../../kit/health";
import type { SubgraphHealth } from "../upstream/subgraph-health";

/**
 * The process's health with one check per subgraph of the current supergraph. Subgraphs come and go with reloads, so they are no fixed
 * requirements.
 */
export function withSubgraphs(health: Health, subgraphs: SubgraphHealth | undefined): Health {
  if (!subgraphs) return health;
  return {
    ...health,
    report: async () => {
      const [own, states] = await Promise.all([health.report(), subgraphs.check()]);
      const checks = Object.entries(states).map(
        ([name, healthy]) => [`subgraph:${name}`, healthy ? "ok" : "failing"] as const,
      );
      return {
        ready: own.ready && checks.every(([, state]) => state === "ok"),
        checks: { ...own.checks, ...Object.fromEntries(checks) },
      };
    },
  };
}
