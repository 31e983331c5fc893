import fs from "node:fs";
import path from "node:path";
import { createProgramLog, shortenMongod, shortenPino, shortenPostgres, type Shorten } from "../program-log";
import { useTemporaryFolder } from "./temporary-folder";

describe("createProgramLog", () => {
  const folder = useTemporaryFolder();
  const open = (shorten: Shorten = shortenPino, maxBytes?: number) => {
    const shown: string[] = [];
    let time = 0;
    const log = createProgramLog({
      folder: folder(),
      name: "orders",
      shorten,
      show: (sentence) => shown.push(sentence),
      maxBytes,
      now: () => time,
    });
    return { log, shown, pass: (ms: number) => (time += ms) };
  };
  const read = (name = "orders.log") => fs.readFileSync(path.join(folder(), name), "utf8");
  const line = (level: string, msg: string, err?: object) => `${JSON.stringify({ level, msg, err })}\n`;

  it("keeps everything in the file and shows only warnings and errors, short", () => {
    const { log, shown } = open();
    log.write(line("info", "order placed"));
    log.write(line("warn", "broker connection lost", { message: "ECONNRESET", stack: "..." }));
    log.close();
    expect(read()).toContain("order placed");
    expect(read()).toContain("broker connection lost");
    expect(shown).toEqual(["orders: broker connection lost (ECONNRESET)"]);
  });

  it("puts lines together that arrive in pieces", () => {
    const { log, shown } = open();
    const text = line("error", "a message could not be handled");
    for (const piece of [text.slice(0, 7), text.slice(7, 20), text.slice(20)]) log.write(piece);
    log.close();
    expect(shown).toEqual(["orders: a message could not be handled"]);
    expect(read()).toBe(text);
  });

  it("shows a sentence that repeats itself once in ten seconds, and how often it came", () => {
    const { log, shown, pass } = open();
    for (let i = 0; i < 5; i++) log.write(line("warn", "retrying"));
    pass(10_000);
    log.write(line("warn", "retrying"));
    log.close();
    expect(shown).toEqual(["orders: retrying", "orders: retrying (and 4 more like it before)"]);
  });

  it("remembers the last words of a program that failed without a log line", () => {
    const { log } = open();
    log.write(line("info", "starting"));
    log.write("Error: Cannot find module 'x'\n    at Module._resolve\n");
    log.close();
    expect(log.lastWords()).toEqual(["Error: Cannot find module 'x'", "    at Module._resolve"]);
  });

  it("begins a new file at each start and keeps the one before", () => {
    const first = open();
    first.log.write("first start\n");
    first.log.close();
    const second = open();
    second.log.write("second start\n");
    second.log.close();
    expect(read()).toBe("second start\n");
    expect(read("orders.1.log")).toBe("first start\n");
  });

  it("never grows past its bound", () => {
    const { log } = open(shortenPino, 100);
    for (let i = 0; i < 50; i++) log.write(`${"x".repeat(29)}\n`);
    log.close();
    expect(read().length + read("orders.1.log").length).toBeLessThanOrEqual(260);
  });

  it("keeps its files from other users", () => {
    open().log.close();
    expect(fs.statSync(path.join(folder(), "orders.log")).mode & 0o077).toBe(0);
  });
});

describe("what is shown of other servers' logs", () => {
  it("is what ends a PostgreSQL, not the errors it answers to clients", () => {
    expect(shortenPostgres("2026-01-01 UTC [1] PANIC:  could not write to file")).toBe("could not write to file");
    expect(shortenPostgres("2026-01-01 UTC [1] ERROR:  duplicate key value")).toBeUndefined();
    expect(shortenPostgres("[1] FATAL:  terminating connection due to administrator command")).toBeUndefined();
  });

  it("is mongod's errors", () => {
    expect(shortenMongod('{"s":"E","c":"STORAGE","msg":"WiredTiger error"}')).toBe("WiredTiger error");
    expect(shortenMongod('{"s":"I","c":"NETWORK","msg":"Connection accepted"}')).toBeUndefined();
    expect(shortenMongod("{not json")).toBeUndefined();
  });
});
