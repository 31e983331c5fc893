/**
 * `npm run bench:streams`: live data for many subscribers, beside a server that executes for each of them. docs/benchmarks.md explains how to read and to
 * repeat what it prints.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../gateway/contenders/folders";
import { pinningWorks } from "../gateway/processes/spawn-process";
import { type Contender, contenders } from "./contenders";
import { type Field, openField, type Started } from "./field";
import { measureFanOut, measureGroups, measureIdle, measureStalled } from "./measures";
import { type Options, readOptions, UsageError } from "./options";
import { asMarkdown, type Report, type Row } from "./report";
import { measureStorm } from "./storm";

async function measureRow(contender: Contender, field: Field, options: Options): Promise<Row> {
  const row: Row = { id: contender.id, label: contender.label, failures: [] };
  const wants = (...names: Options["measures"]) => names.some((name) => options.measures.includes(name));
  const on = async (name: string, measure: (server: Started) => Promise<void>) => {
    const server = await field.start(contender);
    try {
      await measure(server);
    } catch (error) {
      row.failures.push(`${name}: ${(error as Error).message}`);
    } finally {
      await server.stop();
    }
  };
  if (wants("idle", "fan-out", "storm")) {
    await on("one group", async (server) => {
      row.idle = await measureIdle(server, options);
      if (wants("fan-out")) row.fanOut = await measureFanOut(field, server, options);
      if (wants("storm")) row.storm = await measureStorm(field, server, options);
    });
  }
  if (wants("groups")) {
    await on("many groups", async (server) => void (row.groups = await measureGroups(field, server, options)));
  }
  if (wants("stalled")) {
    await on(
      "one that never reads",
      async (server) => void (row.stalled = await measureStalled(field, server, options)),
    );
  }
  return row;
}

function write(report: Report): void {
  const folder = path.join(root, "bench/streams/results");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "latest.md"), `${asMarkdown(report)}\n`);
  fs.writeFileSync(path.join(folder, "latest.json"), `${JSON.stringify(report, undefined, 2)}\n`);
}

async function main(): Promise<void> {
  const known = contenders.map(({ id }) => id);
  const options = readOptions(process.argv.slice(2), known, process.env["AMQP_URL"]);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "streams-benchmark-"));
  const field = await openField(directory, options);
  const close = async () => {
    await field.close();
    fs.rmSync(directory, { recursive: true, force: true });
  };
  const onSignal = () => void close().finally(() => process.exit(130));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const rows: Row[] = [];
    for (const contender of contenders.filter(({ id }) => options.rows.includes(id))) {
      rows.push(await measureRow(contender, field, options));
    }
    const report: Report = {
      machine: `${os.cpus()[0]?.model.trim() ?? "Unknown processor"}, ${os.cpus().length} cores, Node ${process.versions.node}`,
      broker: field.broker.label,
      pinned: pinningWorks(),
      rows,
    };
    write(report);
    console.log(asMarkdown(report));
  } finally {
    await close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
