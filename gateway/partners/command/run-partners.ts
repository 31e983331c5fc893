import type { Environment } from "../../../kit/config";
import { CommandError } from "./command-error";
import { commandGroups } from "./command-groups";
import { keyCommands } from "./key-commands";
import { openContext } from "./open-context";
import { partnerCommands } from "./partner-commands";
import { quotaCommands } from "./quota-commands";
import { describeCommands, readCommand } from "./read-command";

/**
 * The command `npm run partners`.
 * @param options.argv what follows the script's name
 * @param options.env the settings of the gateways
 * @param options.input all of the standard input
 * @returns what is printed
 * @throws CommandError, ConfigError, or what a group of commands throws: each with sentences for whoever typed it
 */
export async function runPartners(options: {
  argv: readonly string[];
  env: Environment;
  input: () => Promise<string>;
  now?: Date;
  /** Not where the command's own words go. */
  logTo?: { write(line: string): void };
}): Promise<string> {
  const { argv, env, input, now = new Date(), logTo = process.stderr } = options;
  const commands = [...partnerCommands, ...keyCommands(now), ...quotaCommands];
  const [first, ...rest] = argv;
  const group = commandGroups.find(({ name }) => name === first);
  if (!group && (first === "help" || argv.includes("--help"))) return describeCommands(commands, commandGroups);
  if (first === undefined) throw new CommandError([describeCommands(commands, commandGroups)]);

  const given = group ? undefined : readCommand(argv, commands, commandGroups);
  const context = openContext({ env, now, input, logTo });
  try {
    if (group) return await group.run(rest, context);
    if (!given) throw new Error("a command or a group of commands is given");
    const { text, json } = await given.command.run(given.values, context);
    return given.json ? JSON.stringify(json, undefined, 2) : text;
  } finally {
    await context.close();
  }
}
