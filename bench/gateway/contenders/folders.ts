import path from "node:path";

/** The clone; this file runs from dist/bench/gateway/contenders. */
export const root = path.resolve(__dirname, "../../../..");
export const benchFolder = path.join(root, "bench/gateway");
/** The peers' own package: what is installed there is no part of the product. */
export const peersFolder = path.join(benchFolder, "peers");
/** A server that needs nothing but the product's own packages. */
export const serverFile = (name: string) => path.join(benchFolder, "servers", `${name}.mjs`);
export const peerFile = (file: string) => path.join(peersFolder, file);
export const installedPeerFile = (file: string) => path.join(peersFolder, "node_modules", file);
