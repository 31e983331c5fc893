import { type Argument, type Arguments, type Command, type CommandGroup, ValueError } from "./command";
import { CommandError } from "./command-error";

export interface GivenCommand {
  readonly command: Command;
  readonly values: Readonly<Record<string, unknown>>;
  readonly json: boolean;
}

/**
 * @param argv the name of one of the commands, and what it is given: flags as `--name value` or `--name=value`
 * @throws CommandError with everything that is wrong
 */
export function readCommand(
  argv: readonly string[],
  commands: readonly Command[],
  groups: readonly CommandGroup[] = [],
): GivenCommand {
  const command = commands.find(({ name }) => name === argv.slice(0, name.split(" ").length).join(" "));
  if (!command) {
    // Whatever else was typed first, a key perhaps, is not shown again.
    const words = argv.slice(0, 2).filter((word) => /^[a-z]{1,20}$/.test(word));
    const names = [...commands, ...groups].map(({ name }) => name).join(", ");
    const typed = words.length > 0 ? `"${words.join(" ")}"` : "That";
    throw new CommandError([`${typed} is not a command; there are ${names}.`]);
  }
  const problems: string[] = [];
  const texts = new Map<string, string>();
  const words: string[] = [];
  let json = false;
  const rest = argv.slice(command.name.split(" ").length);
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (!word.startsWith("--")) {
      words.push(word);
      continue;
    }
    const [name = "", ...parts] = word.slice(2).split("=");
    const flag = Object.hasOwn(command.flags, name) ? command.flags[name] : undefined;
    if (name === "json" && parts.length === 0) json = true;
    else if (!flag) {
      problems.push(`${command.name} takes no --${name}. ${usageOf(command)}`);
      // Most likely its value.
      if (parts.length === 0 && rest[i + 1]?.startsWith("--") === false) i++;
    } else if (texts.has(name)) problems.push(`--${name} is given twice.`);
    else if (flag.placeholder === undefined) texts.set(name, "");
    else {
      const text = parts.length > 0 ? parts.join("=") : rest[i + 1]?.startsWith("--") ? undefined : rest[++i];
      if (text === undefined || text === "") problems.push(`--${name} needs a value: ${flag.placeholder}.`);
      else texts.set(name, text);
    }
  }
  const positions = Object.keys(command.positions);
  if (words.length > positions.length) problems.push(`${command.name} takes no more arguments. ${usageOf(command)}`);
  const values: Record<string, unknown> = {};
  const readAll = (given: Arguments, textOf: (name: string, i: number) => string | undefined, shown: ShownAs) => {
    for (const [i, [name, argument]] of Object.entries(given).entries()) {
      try {
        values[name] = argument.read(textOf(name, i));
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        // A value that was not given at all is told once.
        if (!problems.some((problem) => problem.startsWith(shown(name, argument))))
          problems.push(`${shown(name, argument)} ${error.message}.`);
      }
    }
  };
  readAll(
    command.positions,
    (_, i) => words[i],
    (_, { placeholder }) => `<${placeholder}>`,
  );
  readAll(
    command.flags,
    (name) => texts.get(name),
    (name) => `--${name}`,
  );
  if (problems.length > 0) throw new CommandError(problems);
  return { command, values, json };
}

type ShownAs = (name: string, argument: Argument<unknown>) => string;

/** One line: how a command is typed. */
function usageOf({ name, positions, flags }: Command): string {
  const words = [
    ...Object.values(positions).map(({ placeholder }) => `<${placeholder}>`),
    ...Object.entries(flags).map(([flag, { placeholder, isRequired }]) => {
      const typed = placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`;
      return isRequired ? typed : `[${typed}]`;
    }),
  ];
  return ["Usage: npm run partners --", name, ...words, "[--json]"].join(" ");
}

/** Everything there is, for `help`. */
export const describeCommands = (commands: readonly Command[], groups: readonly CommandGroup[]): string =>
  [
    ...commands.flatMap((command) => [command.summary, `  ${usageOf(command).slice("Usage: ".length)}`]),
    ...groups.flatMap(({ name, summary }) => [summary, `  npm run partners -- ${name}`]),
  ].join("\n");
