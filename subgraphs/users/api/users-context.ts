import type { SubgraphContext } from "../../../kit/subgraph/subgraph-context";
import type { UsersLoaders } from "./create-loaders";

export type UsersContext = SubgraphContext<UsersLoaders>;
