import { operationsCommands } from "../registry/command/operations-commands";
import type { CommandGroup } from "./command";

/** Other subjects of the partner API, each with commands of its own. */
export const commandGroups: readonly CommandGroup[] = [operationsCommands];
