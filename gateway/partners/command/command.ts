import type { Environment } from "../../../kit/config";
import type { Logger } from "../../../kit/log";
import type { Database } from "../../../kit/postgres/open-database";

/** A value on the command line. */
export interface Argument<Value> {
  /** Stands for the value in the usage; undefined: there is none to be given. */
  readonly placeholder: string | undefined;
  readonly isRequired: boolean;
  /** @param text undefined where nothing was given @throws ValueError */
  readonly read: (text: string | undefined) => Value;
}

/** A value that cannot be used; the message goes on after the name of the argument: "must be …". */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

export type Arguments = Readonly<Record<string, Argument<unknown>>>;
export type Values<Given extends Arguments> = {
  readonly [Name in keyof Given]: Given[Name] extends Argument<infer Value> ? Value : never;
};

/** What commands work with. */
export interface CommandContext {
  readonly env: Environment;
  readonly now: Date;
  /** True where a database is configured. */
  readonly hasDatabase: boolean;
  /** Connects, and brings the tables up to date. @throws CommandError when it cannot be used */
  database(): Promise<Database["source"]>;
  /** @throws CommandError when none is configured */
  pepper(): string;
  /** Of before, while the pepper is replaced. */
  readonly formerPeppers: readonly string[];
  /** All of the standard input. */
  input(): Promise<string>;
  readonly log: Logger;
}

/** What a command tells: to people, and to programs that say `--json`. */
export interface CommandResult {
  readonly text: string;
  readonly json: unknown;
}

/** `npm run partners -- <name> [what stands in order] [--flags]`. */
export interface Command<Positions extends Arguments = Arguments, Flags extends Arguments = Arguments> {
  /** One or two words. */
  readonly name: string;
  readonly summary: string;
  /** In this order, without a name. */
  readonly positions: Positions;
  readonly flags: Flags;
  /** @throws CommandError */
  run(values: Values<Positions> & Values<Flags>, context: CommandContext): Promise<CommandResult>;
}

/** Commands below one word that read their own arguments. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  /** @param argv what follows the name @returns what is printed @throws CommandError, or an error with a sentence for whoever typed it */
  run(argv: readonly string[], context: CommandContext): Promise<string>;
}

/** Keeps the types of a command's arguments together with what it does with them. */
export const defineCommand = <Positions extends Arguments, Flags extends Arguments>(
  command: Command<Positions, Flags>,
): Command => command as unknown as Command;

export const required = <Value>(placeholder: string, read: (text: string) => Value): Argument<Value> => ({
  placeholder,
  isRequired: true,
  read: (text) => {
    if (text === undefined) throw new ValueError("is required");
    return read(text);
  },
});

/** @param fallback read as if it had been given */
export function optional<Value>(placeholder: string, read: (text: string) => Value): Argument<Value | undefined>;
export function optional<Value>(placeholder: string, read: (text: string) => Value, fallback: string): Argument<Value>;
export function optional<Value>(placeholder: string, read: (text: string) => Value, fallback?: string) {
  return {
    placeholder,
    isRequired: false,
    read: (text = fallback) => (text === undefined ? undefined : read(text)),
  };
}

/** A flag that is there or not. */
export const toggle: Argument<boolean> = {
  placeholder: undefined,
  isRequired: false,
  read: (text) => text !== undefined,
};
