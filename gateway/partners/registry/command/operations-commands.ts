import { PolicyModuleError } from "../../../access/policy/load-policy";
import type { CommandGroup } from "../../command/command";
import { CommandError } from "../../command/command-error";
import { createRegistryStore } from "../../store/create-registry-store";
import { RegistrationError } from "../publish-operations";
import { RegistryError } from "../registry-store";
import { runOperations } from "./run-operations";

/** `npm run partners -- operations …`. */
export const operationsCommands: CommandGroup = {
  name: "operations",
  summary: "What partners may call: versions, publishing, rolling back.",
  run: async (argv, { env, now, log, database }) => {
    try {
      return await runOperations({
        argv,
        env,
        now,
        log,
        openStore: async () => createRegistryStore(await database()),
      });
    } catch (error) {
      if (error instanceof RegistrationError && argv.includes("--json")) {
        throw new CommandError([JSON.stringify({ problems: error.problems }, undefined, 2)]);
      }
      const isTold = [RegistryError, RegistrationError, PolicyModuleError].some((kind) => error instanceof kind);
      throw isTold ? new CommandError([(error as Error).message]) : error;
    }
  },
};
