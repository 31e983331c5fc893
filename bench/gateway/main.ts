/**
 * `npm run bench:gateway`: the product's gateway beside others, on one scenario. docs/benchmarks.md explains how to read
 * and to repeat what it prints.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Contender, UnavailableError } from "./contenders/contender";
import { benchFolder } from "./contenders/folders";
import { installPeers } from "./contenders/install-peers";
import { floor, peers, stock } from "./contenders/peers";
import { ours, tributaries } from "./contenders/tributary";
import { type Field, openField, type Round, settled, type Started } from "./field";
import { type Options, readOptions, UsageError } from "./options";
import { requestBytes } from "./processes/ask";
import { pinningWorks } from "./processes/spawn-process";
import { asMarkdown, type Heat, heatAsMarkdown, refusalsAsMarkdown, type Report, type RowResult } from "./report";
import { type OperationName, operations } from "./scenario/operations";
import { refusals } from "./scenario/refusals";
import { expectedAnswer } from "./scenario/subgraphs";
import { answersData, type Check, untilRight, verify, WrongAnswerError } from "./verify";

const contenders: readonly Contender[] = [stock, ...peers, ...tributaries, floor];
const knownRows = [...contenders.map(({ id }) => id), ...refusals.map(({ id }) => id)];
const REFUSAL_CONNECTIONS = 50;

/** A row that is ready to be measured. */
interface Entrant {
  readonly id: string;
  readonly label: string;
  readonly started: Started;
  readonly request: string;
  readonly check: Check;
  readonly expected: { readonly status: number; readonly bodyBytes: number };
}

/** Rows that could not be run, or not to the end: label and reason. */
type Skipped = Map<string, string>;

async function run(options: Options, field: Field, report: (report: Report) => void): Promise<void> {
  const heats: Heat[] = [];
  const skipped: Skipped = new Map();
  let refused: readonly RowResult[] = [];
  const publish = () =>
    report({
      machine: `${os.cpus()[0]?.model.trim() ?? "Unknown processor"}, ${os.cpus().length} cores, Node ${process.versions.node}`,
      pinned: pinningWorks(),
      rounds: options.rounds,
      seconds: options.seconds,
      heats,
      refusals: refused,
      skipped: [...skipped].map(([label, reason]) => ({ label, reason })),
    });

  for (const query of options.queries) {
    for (const connections of options.connections) {
      const heat = await runHeat(query, connections, options, field, skipped);
      if (heat.rows.length === 0) continue;
      heats.push(heat);
      console.log(`${heatAsMarkdown(heat)}\n`);
      publish();
    }
  }
  refused = await runRefusals(options, field, skipped);
  publish();
}

async function runHeat(
  query: OperationName,
  connections: number,
  options: Options,
  field: Field,
  skipped: Skipped,
): Promise<Heat> {
  const expected = await expectedAnswer(operations[query]);
  const body = JSON.stringify({ query: operations[query] });
  const entrants: Entrant[] = [];
  for (const contender of contenders.filter(({ id }) => options.rows.includes(id))) {
    const { id, label } = contender;
    await orSkip(label, skipped, async () => {
      const started = await field.start(contender, expected);
      try {
        const request = requestBytes(started.setting.port, body, contender.headers?.(started.setting));
        const check = answersData(expected);
        const { status, bodyBytes } = await untilRight(started, request, check);
        entrants.push({ id, label, started, request, check, expected: { status, bodyBytes } });
      } catch (error) {
        await started.running.stop();
        throw error;
      }
    });
  }
  await settled();
  const idle = new Map(entrants.map(({ id, started }) => [id, field.memory(started)]));
  const rows = await runRounds(entrants, connections, options, field, skipped);
  await Promise.all(entrants.map(({ started }) => started.running.stop()));
  return {
    query,
    connections,
    answerBytes: Buffer.byteLength(JSON.stringify(expected)),
    rows: rows.map((row) => ({ ...row, idleRssBytes: idle.get(row.id) })),
  };
}

async function runRefusals(options: Options, field: Field, skipped: Skipped): Promise<RowResult[]> {
  const wanted = refusals.filter(({ id }) => options.rows.includes(id));
  if (wanted.length === 0) return [];
  const started = await startForRefusals(field, skipped);
  if (!started) return [];
  const { port, token } = started.setting;
  const entrants: Entrant[] = [];
  for (const { id, label, body, token: choose, status, code } of wanted) {
    await orSkip(label, skipped, async () => {
      const request = requestBytes(port, body, { authorization: `Bearer ${choose(token)}` });
      const check: Check = (answer) => answer.status === status && answer.body.includes(code);
      const { bodyBytes } = await verify(started, request, check);
      entrants.push({ id, label, started, request, check, expected: { status, bodyBytes } });
    });
  }
  const rows = await runRounds(entrants, REFUSAL_CONNECTIONS, options, field, skipped);
  await started.running.stop();
  return rows;
}

async function startForRefusals(field: Field, skipped: Skipped): Promise<Started | undefined> {
  let ready: Started | undefined;
  await orSkip("Refused requests", skipped, async () => {
    const expected = await expectedAnswer(operations.small);
    const started = await field.start(ours, expected);
    const headers = ours.headers?.(started.setting);
    const served = requestBytes(started.setting.port, JSON.stringify({ query: operations.small }), headers);
    await untilRight(started, served, answersData(expected));
    ready = started;
  });
  return ready;
}

/** A B C, A B C: what else the machine does meanwhile meets every row alike. */
async function runRounds(
  entrants: readonly Entrant[],
  connections: number,
  options: Options,
  field: Field,
  skipped: Skipped,
): Promise<RowResult[]> {
  const rounds = new Map<string, Round[]>(entrants.map(({ id }) => [id, []]));
  const load = async ({ id, label, started, request, check, expected }: Entrant, seconds: number, counts: boolean) => {
    if (!rounds.has(id)) return;
    const done = await orSkip(label, skipped, async () => {
      await verify(started, request, check);
      const round = await field.measure(started, { request, connections, measureMs: seconds * 1_000, expected });
      await verify(started, request, check);
      if (counts) rounds.get(id)!.push(round);
    });
    if (!done) rounds.delete(id);
  };
  for (const entrant of entrants) await load(entrant, options.warmUpSeconds, false);
  for (let i = 0; i < options.rounds; i++) {
    for (const entrant of entrants) await load(entrant, options.seconds, true);
  }
  return entrants.filter(({ id }) => rounds.has(id)).map(({ id, label }) => ({ id, label, rounds: rounds.get(id)! }));
}

/** @returns false when the row cannot go on; the others do */
async function orSkip(label: string, skipped: Skipped, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof UnavailableError || error instanceof WrongAnswerError)) throw error;
    skipped.set(label, error.message);
    console.log(`${label} is left out: ${error.message}\n`);
    return false;
  }
}

function write(report: Report): void {
  const folder = path.join(benchFolder, "results");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "latest.md"), `${asMarkdown(report)}\n`);
  fs.writeFileSync(path.join(folder, "latest.json"), `${JSON.stringify(report, undefined, 2)}\n`);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), knownRows);
  if (peers.some(({ id }) => options.rows.includes(id))) {
    const problem = installPeers(console.log);
    if (problem) console.log(`They could not be installed: ${problem}\n`);
  }
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "gateway-benchmark-"));
  const field = await openField(directory);
  const close = async () => {
    await field.close();
    fs.rmSync(directory, { recursive: true, force: true });
  };
  const onSignal = () => void close().finally(() => process.exit(130));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    let last: Report | undefined;
    await run(options, field, (report) => {
      last = report;
      write(report);
    });
    if (last && last.refusals.length > 0) console.log(`${refusalsAsMarkdown(last)}\n`);
  } finally {
    await close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
