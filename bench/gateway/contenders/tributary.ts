import path from "node:path";
import { root } from "./folders";
import type { Contender } from "./contender";

/**
 * The product as it is run: token check against a key set, limits, metrics and the access log are on; no peer does as much.
 *
 * @param options.warmDoor false sends every request through Apollo Server
 * @param options.sharing subgraph calls that are under way serve every request that would make the same call
 */
function tributary(id: string, label: string, options: { warmDoor: boolean; sharing: boolean }): Contender {
  return {
    id,
    label,
    launch: ({ supergraphFile, port, identity }) => ({
      command: process.execPath,
      args: [
        "--max-semi-space-size=24",
        path.join(root, "dist/gateway/main.js"),
        "--supergraph",
        supergraphFile,
        "--port",
        String(port),
      ],
      env: {
        HOST: "127.0.0.1",
        JWKS_URL: identity.jwksUrl,
        JWT_ISSUER: identity.issuer,
        JWT_AUDIENCE: identity.audience,
        WARM_DOOR: String(options.warmDoor),
        SUBGRAPH_SHARING: String(options.sharing),
      },
    }),
    headers: ({ token }) => ({ authorization: `Bearer ${token}` }),
  };
}

export const ours = tributary("ours", "Tributary", { warmDoor: true, sharing: false });

export const tributaries: readonly Contender[] = [
  ours,
  tributary("ours-shared", "Tributary, sharing", { warmDoor: true, sharing: true }),
  tributary("ours-apollo", "Tributary, Apollo Server's door", { warmDoor: false, sharing: false }),
  tributary("ours-apollo-shared", "Tributary, Apollo Server's door, sharing", { warmDoor: false, sharing: true }),
];
