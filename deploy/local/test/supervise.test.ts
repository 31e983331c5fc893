import { once } from "node:events";
import path from "node:path";
import { processStart } from "../bootstrap/process-identity.cjs";
import { forkService, type Service } from "../fork-service";
import { findFreePorts } from "../free-ports";
import { stopInOrder } from "../stop-in-order";
import { type Program, supervise, type SuperviseOptions } from "../supervise";

const fixture = (name: string) => path.join(__dirname, "fixtures", `${name}.cjs`);
const quick = { first: 1, max: 10 };

/** A program made of a fixture, and a way to wait for its next life. */
function programOf(name: string, env: NodeJS.ProcessEnv): { program: Program; lives: Service[]; output: () => string } {
  const lives: Service[] = [];
  let output = "";
  const start = async (onSpawn: (process: Service) => void) => {
    const service = forkService({
      file: fixture(name),
      cwd: __dirname,
      env: { ...process.env, ...env },
      onOutput: (text) => (output += text),
    });
    lives.push(service);
    onSpawn(service);
    await service.listening;
  };
  return { program: { name, start }, lives, output: () => output };
}

const options = (overrides: Partial<SuperviseOptions> = {}): SuperviseOptions => ({
  firstAttempts: 1,
  backOffMs: quick,
  onRestart: () => {},
  ...overrides,
});

describe("supervise", () => {
  it("starts a service, which knows that it is supervised, and stops it", async () => {
    const [port] = await findFreePorts(1);
    const { program, lives, output } = programOf("service", { PORT: String(port) });
    const supervised = supervise(program, options());
    await supervised.started;
    const answer = (await (await fetch(`http://127.0.0.1:${port}`)).json()) as { supervised: string };
    expect(answer.supervised).toBe("1");
    expect(output()).toContain("listening now");
    await supervised.close();
    expect(await lives[0]!.exited).toEqual({ code: 0, signal: null });
    expect(processStart(lives[0]!.pid)).toBeUndefined();
  });

  it("starts a crashed service again on the same port and says so", async () => {
    const [port] = await findFreePorts(1);
    const { program, lives } = programOf("service", { PORT: String(port) });
    const sentences: string[] = [];
    let restarted = () => {};
    const supervised = supervise(
      program,
      options({
        onRestart: (sentence) => {
          sentences.push(sentence);
          restarted();
        },
      }),
    );
    await supervised.started;
    const again = new Promise<void>((resolve) => (restarted = resolve));
    await fetch(`http://127.0.0.1:${port}/crash`).catch(() => {});
    await again;
    expect(sentences).toEqual(["service ended (exit code 7); starting it again in 0.001 s"]);
    await until(() => lives.length === 2);
    expect(await lives[1]!.listening).toBe(port);
    await supervised.close();
  });

  it("starts a service again that was killed, as often as it takes", async () => {
    const { program, lives } = programOf("service", { PORT: "0" });
    const supervised = supervise(program, options());
    for (let life = 0; life < 3; life++) {
      await until(() => lives.length === life + 1);
      await lives[life]!.listening;
      process.kill(lives[life]!.pid, "SIGKILL");
      expect((await lives[life]!.exited).signal).toBe("SIGKILL");
    }
    await until(() => lives.length === 4);
    await lives[3]!.listening;
    await supervised.close();
    expect(lives).toHaveLength(4);
  });

  it("gives up on a program that never started, with its reason", async () => {
    const { program, lives, output } = programOf("broken-service", {});
    const supervised = supervise(program, options({ firstAttempts: 3 }));
    await expect(supervised.started).rejects.toThrow("ended before it listened (exit code 3)");
    expect(lives).toHaveLength(3);
    expect(output()).toContain("DATABASE_URL is not set");
    await supervised.close();
  });

  it("waits longer after each failure", async () => {
    const { program } = programOf("broken-service", {});
    const waits: string[] = [];
    const onRestart = (sentence: string) => void waits.push(/in ([\d.]+) s/.exec(sentence)![1]!);
    const supervised = supervise(program, options({ firstAttempts: 6, onRestart }));
    await expect(supervised.started).rejects.toThrow();
    expect(waits).toEqual(["0.001", "0.002", "0.004", "0.008", "0.01"]);
    await supervised.close();
  });

  it("tells of each process when it begins and when it has ended", async () => {
    const { program, lives } = programOf("service", { PORT: "0" });
    const told: string[] = [];
    const onSpawn = (pid: number) => {
      told.push(`begins ${pid}`);
      return () => void told.push(`ended ${pid}`);
    };
    const supervised = supervise(program, options({ onSpawn }));
    await supervised.started;
    await supervised.close();
    expect(told).toEqual([`begins ${lives[0]!.pid}`, `ended ${lives[0]!.pid}`]);
  });

  it("can be closed while the program is still starting", async () => {
    const { program, lives } = programOf("service", { PORT: "0" });
    const supervised = supervise(program, options());
    await supervised.close();
    await expect(supervised.started).rejects.toThrow();
    for (const life of lives) expect(processStart(life.pid)).toBeUndefined();
  });
});

describe("a supervised service", () => {
  it("ends by itself when its supervisor is killed", async () => {
    const fork = `const { fork } = require("node:child_process");
      const child = fork(${JSON.stringify(fixture("service"))}, { env: { PORT: "0" }, detached: true });
      child.on("message", () => console.log(child.pid));`;
    const { spawn } = await import("node:child_process");
    const supervisor = spawn(process.execPath, ["-e", fork], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    supervisor.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    await until(() => /\d+\n/.test(printed));
    supervisor.kill("SIGKILL");
    await once(supervisor, "exit");
    const pid = Number(/(\d+)\n$/.exec(printed)![1]);
    await until(() => processStart(pid) === undefined);
  });
});

describe("stopInOrder", () => {
  it("stops the last stage first and waits for it", async () => {
    const order: string[] = [];
    const stoppable = (name: string) => ({
      close: async () => {
        order.push(`${name} asked`);
        await Promise.resolve();
        order.push(`${name} ended`);
      },
      kill: () => void order.push(`${name} killed`),
    });
    await stopInOrder([[stoppable("store")], [stoppable("subgraph")], [stoppable("gateway")]]);
    expect(order).toEqual([
      "gateway asked",
      "gateway ended",
      "subgraph asked",
      "subgraph ended",
      "store asked",
      "store ended",
    ]);
  });

  it("kills a process that does not end when asked, after the others had their turn", async () => {
    const stubborn = programOf("service", { PORT: "0", STUBBORN: "true" });
    const polite = programOf("service", { PORT: "0" });
    const stages = [[supervise(polite.program, options())], [supervise(stubborn.program, options())]];
    await Promise.all(stages.flat().map((each) => each.started));
    await stopInOrder(stages, 300);
    expect(await stubborn.lives[0]!.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(await polite.lives[0]!.exited).toEqual({ code: 0, signal: null });
  });
});

/** Waits for a thing that announces itself to nobody. Jest's own time limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
