/**
 * `npm run bench:partners`: what a call of a registered operation costs the gateway, beside the same operation sent as text to the same process.
 * docs/benchmarks.md explains how to read it.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ours } from "../gateway/contenders/tributary";
import { type Field, openField, type Round, settled, type Started } from "../gateway/field";
import { pinningWorks } from "../gateway/processes/spawn-process";
import { operations } from "../gateway/scenario/operations";
import { expectedAnswer } from "../gateway/scenario/subgraphs";
import { type Check, untilRight, verify } from "../gateway/verify";
import { requestOfClient, textOfClient } from "./client-requests";
import { type BenchOperation, benchOperation, openPartners } from "./open-partners";
import { asMarkdown } from "./report";
import { rows, type RowSetting } from "./rows";

const QUERIES = ["small", "medium"] as const;
const CONNECTIONS = 50;
/** Many short rounds: what else the machine does lasts longer than one of them, and so meets its neighbours alike. */
const usual = { rounds: 40, seconds: 0.25, warmUpSeconds: 4 };
const quick = { rounds: 10, seconds: 0.25, warmUpSeconds: 2 };
const SETTLE_MS = 100;
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
      `${os.cpus()[0]?.model.trim() ?? "Unknown processor"}, Node ${process.versions.node}. ${durations.rounds} rounds of ${durations.seconds} s, medians.` +
        `${pinningWorks() ? " The gateway has core 0 for itself." : " Nothing is pinned to a core here."}\n`,
    );
    for (const [i, { query, operation }] of own.entries()) {
      const { data } = expected[i] as { data: unknown };
      const { port, token } = started.setting;
      const setting = { port, token, key: partners.key, operation, client: await clientRequests(operation) };
      const entrants = rows.map((row) => ({ row, request: row.request(setting), check: row.isRight(data) }));
      const rounds = await measure(field, started, entrants, durations);
      const measured = rows.map(({ id, label }) => ({ id, label, rounds: rounds.get(id) ?? [] }));
      console.log(`${asMarkdown(query, measured)}\n`);
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
  readonly row: { readonly id: string };
  readonly request: string;
  readonly check: Check;
}

/** A B C, C B A, to one process: what else the machine does meanwhile, and what it grows or tires by, meets every row alike. */
async function measure(
  field: Field,
  started: Started,
  entrants: readonly Entrant[],
  { rounds, seconds, warmUpSeconds }: typeof usual,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const measured = new Map<string, Round[]>();
  const load = async ({ request, check }: Entrant, duration: number): Promise<Round> => {
    const { status, bodyBytes } = await untilRight(started, request, check);
    const order = {
      request,
      connections: CONNECTIONS,
      measureMs: duration * 1_000,
      settleMs: SETTLE_MS,
      expected: { status, bodyBytes },
    };
    const round = await field.measure(started, order);
    await verify(started, request, check);
    return round;
  };
  for (const entrant of entrants) await load(entrant, warmUpSeconds);
  await settled();
  for (let i = 0; i < rounds; i++) {
    for (const entrant of i % 2 === 0 ? entrants : [...entrants].reverse()) {
      const known = measured.get(entrant.row.id) ?? [];
      measured.set(entrant.row.id, [...known, await load(entrant, seconds)]);
    }
  }
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
