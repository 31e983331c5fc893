import { parseArgs } from "node:util";
import { RegistryError } from "../registry-store";

export const USAGE = `Usage: npm run partners -- operations <command>
  list        [--partner P]                                     versions and what is called from them
  show        --partner P [--version N | --name NAME]           operations with their texts
  publish     [--file FILE] [--partner P] [--supergraph FILE|URL] [--pending] [--sunset 90d|DATE] [--note TEXT] [--author NAME] [--dry-run]
  activate    --partner P --version N [--sunset 90d|DATE]       a pending version takes the place of the active one
  deprecate   --partner P --name NAME --sunset DATE [--successor NAME] | --cancel
  retire      --partner P --version N
  rollback    --partner P [--to N]                              the active version is retired, an earlier one is active again
  check       [--partner P] [--supergraph FILE|URL]             every operation that is called today, on another graph
Each takes --json, for programs.`;

const COMMANDS = ["list", "show", "publish", "activate", "deprecate", "retire", "rollback", "check"] as const;
export type OperationsCommand = (typeof COMMANDS)[number];

const DEFAULT_SUNSET = "90d";
const DAY_MS = 86_400_000;

/** Of each command what it takes, and what it must be given. */
const TAKES: Readonly<
  Record<OperationsCommand, { readonly may: readonly string[]; readonly must: readonly string[] }>
> = {
  list: { may: ["partner"], must: [] },
  show: { may: ["partner", "version", "name"], must: ["partner"] },
  publish: {
    may: ["file", "partner", "supergraph", "pending", "sunset", "note", "author", "dry-run"],
    must: [],
  },
  activate: { may: ["partner", "version", "sunset"], must: ["partner", "version"] },
  deprecate: { may: ["partner", "name", "sunset", "successor", "cancel"], must: ["partner", "name"] },
  retire: { may: ["partner", "version"], must: ["partner", "version"] },
  rollback: { may: ["partner", "to"], must: ["partner"] },
  check: { may: ["partner", "supergraph"], must: [] },
};

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  partner: text,
  file: text,
  supergraph: text,
  sunset: text,
  note: text,
  author: text,
  version: text,
  to: text,
  name: text,
  successor: text,
  pending: flag,
  "dry-run": flag,
  cancel: flag,
  json: flag,
} as const;

/** @param argv what follows `operations` @throws RegistryError with everything that is wrong and how it is used */
export function readArguments(argv: readonly string[], now: Date) {
  const [command, ...rest] = argv;
  if (!isCommand(command)) {
    throw new RegistryError(command === undefined ? USAGE : `"${command}" is no command.\n${USAGE}`);
  }
  const { values, problem } = parse(rest);
  if (!values) throw new RegistryError(`${problem}\n${USAGE}`);
  const { may, must } = TAKES[command];
  const problems = [
    ...Object.keys(values)
      .filter((name) => name !== "json" && !may.includes(name))
      .map((name) => `${command} takes no --${name}.`),
    ...must.filter((name) => !(name in values)).map((name) => `${command} needs --${name}.`),
  ];
  const version = number(values.version ?? values.to, problems);
  const isUndone = command === "deprecate" && values.cancel === true;
  if (command === "deprecate" && !isUndone && values.sunset === undefined) problems.push("deprecate needs --sunset.");
  const sunsetAt = sunset(values.sunset ?? DEFAULT_SUNSET, now);
  if (sunsetAt === undefined) {
    problems.push("--sunset must be a number of days such as 90d, or a date in the future such as 2027-03-31.");
  }
  if (problems.length > 0 || sunsetAt === undefined) throw new RegistryError(`${problems.join("\n")}\n${USAGE}`);
  return { ...values, command, version, sunsetAt };
}

const isCommand = (given: string | undefined): given is OperationsCommand => COMMANDS.some((one) => one === given);

function parse(args: readonly string[]) {
  try {
    return { values: parseArgs({ args: [...args], options, strict: true }).values };
  } catch (error) {
    return { problem: `${(error as Error).message.split(". ")[0]}.` };
  }
}

function number(given: string | undefined, problems: string[]): number | undefined {
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  problems.push(`"${given}" is no number of a version.`);
  return undefined;
}

/** @returns undefined for what is no date, or past */
export function sunset(given: string, now: Date): Date | undefined {
  const [, days] = /^(\d{1,4})d$/.exec(given) ?? [];
  const at =
    days === undefined
      ? /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(given)
        ? Date.parse(given)
        : Number.NaN
      : now.getTime() + Number(days) * DAY_MS;
  return at > now.getTime() ? new Date(at) : undefined;
}
