/**
 * `npm run bench:partners`: what a call of a registered operation costs the gateway, beside the same operation sent as text to the same process.
 * docs/benchmarks.md explains how to read it.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ours } from "../gateway/contenders/tributary";
import { type Field, openField, settled, type Started } from "../gateway/field";
import { pinningWorks } from "../gateway/processes/spawn-process";
import { operations } from "../gateway/scenario/operations";
import { expectedAnswer } from "../gateway/scenario/subgraphs";
import { type Check, untilRight, verify } from "../gateway/verify";
import { requestOfClient, textOfClient } from "./client-requests";
import { type BenchOperation, benchOperation, openPartners } from "./open-partners";
import { asMarkdown, type MeasuredRow } from "./report";
import { rows, type RowSetting } from "./rows";
import { openTurns } from "./turns";

const QUERIES = ["small", "medium"] as const;
const LOAD = { connections: 50, perTurn: 6, silenceMs: 15_000 };
const usual = { minutes: 2.5, warmUpSeconds: 4 };
const quick = { minutes: 0.5, warmUpSeconds: 2 };
/** Enough for every request of a run, and no more digits than a quota has: quotas are counted, and never reached. */
const NO_END = "2000000000";

async function run(field: Field, folder: string, durations: typeof usual): Promise<void> {
  const texts = await Promise.all(QUERIES.map((query) => textOfClient(operations[query])));
  const own = QUERIES.map((query, i) => ({ query, operation: benchOperation(texts[i] as string) }));
  const partners = await openPartners(
    folder,
    own.map(({ operation }) => operation),
  );
  try {
    const expected = await Promise.all(own.map(({ operation }) => expectedAnswer(operation.text)));
    const started = await field.start(
      {
        ...ours,
        id: "partners",
        launch: (setting) => {
          const { env, ...launch } = ours.launch(setting);
          const quotas = { PARTNER_QUOTA_UNITS: NO_END, PARTNER_KEY_QUOTA_UNITS: NO_END };
          return { ...launch, env: { ...env, ...partners.env, ...quotas } };
        },
      },
      expected[0],
    );
    console.log(
      `${os.cpus()[0]?.model.trim() ?? "Unknown processor"}, Node ${process.versions.node}. Turns of ${LOAD.perTurn * LOAD.connections} requests for ${durations.minutes} minutes, medians.` +
        `${pinningWorks() ? " The gateway has core 0 for itself." : " Nothing is pinned to a core here."}\n`,
    );
    for (const [i, { query, operation }] of own.entries()) {
      const { data } = expected[i] as { data: unknown };
      const { port, token } = started.setting;
      const setting = { port, token, key: partners.key, operation, client: await clientRequests(operation) };
      const entrants = rows.map((row) => ({ row, request: row.request(setting), check: row.isRight(data) }));
      console.log(`${asMarkdown(query, await measure(started, entrants, durations))}\n`);
    }
    await started.running.stop();
  } finally {
    await partners.close();
  }
}

async function clientRequests({ text, id }: BenchOperation): Promise<RowSetting["client"]> {
  const byId = (method: "GET" | "POST") => requestOfClient(text, "/partner/v1/graphql", { id, method });
  const [byText, idByPost, idByGet] = await Promise.all([requestOfClient(text, "/graphql"), byId("POST"), byId("GET")]);
  return { text: byText, idByPost, idByGet };
}

interface Entrant {
  readonly row: { readonly id: string; readonly label: string };
  readonly request: string;
  readonly check: Check;
}

/** A B C, C B A, to one process: what it grows or tires by meets every row alike. */
async function measure(
  started: Started,
  entrants: readonly Entrant[],
  { minutes, warmUpSeconds }: typeof usual,
): Promise<readonly MeasuredRow[]> {
  const answers = new Map<Entrant, { status: number; bodyBytes: number }>();
  for (const entrant of entrants) answers.set(entrant, await untilRight(started, entrant.request, entrant.check));
  const until = async (endMs: number, work: () => Promise<void>) => {
    while (Date.now() < endMs) await work();
  };
  /** Over connections of its own: those that are idle for long are closed. */
  const inTurns = async (work: (rows: readonly MeasuredRow[]) => Promise<void>): Promise<readonly MeasuredRow[]> => {
    const { setting, running } = started;
    const turns = await openTurns({ port: setting.port, pid: running.pid, ...LOAD });
    try {
      const asked = entrants.map((entrant) => ({
        ...entrant.row,
        asked: turns.asking(entrant.request, answers.get(entrant)!),
      }));
      await work(asked);
      return asked;
    } finally {
      turns.close();
    }
  };

  await inTurns(async (all) => {
    for (const { asked } of all) await until(Date.now() + warmUpSeconds * 1_000, asked.take);
  });
  await settled();
  const measured = await inTurns(async (all) => {
    let isBackwards = false;
    await until(Date.now() + minutes * 60_000, async () => {
      for (const { asked } of isBackwards ? [...all].reverse() : all) await asked.take();
      isBackwards = !isBackwards;
    });
  });
  for (const { request, check } of entrants) await verify(started, request, check);
  return measured;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "partners-benchmark-"));
  const field = await openField(folder);
  try {
    await run(field, folder, values.quick ? quick : usual);
  } finally {
    await field.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
