import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { outputsOf, planBuild } from "../bootstrap/build.cjs";
import { isInstalled } from "../bootstrap/install.cjs";
import { servicesArguments, servicesEnvironment, unreachable } from "../bootstrap/services.cjs";
import { findFreePorts } from "../free-ports";
import { useTemporaryFolder } from "./temporary-folder";

const repository = path.resolve(__dirname, "../../..");

describe("isInstalled", () => {
  const wanted = {
    "node_modules/pg": { version: "8.0.0" },
    "node_modules/jest": { version: "30.0.0" },
    "node_modules/@embedded/darwin": { version: "1.0.0", optional: true },
  };

  it("is content when every package is there in its locked version, whatever else is", () => {
    const installed = { ...wanted, "node_modules/extra": { version: "1.0.0" } };
    expect(isInstalled(wanted, installed)).toBe(true);
  });

  it("does without the optional packages of other platforms", () => {
    const { "node_modules/@embedded/darwin": _, ...installed } = wanted;
    expect(isInstalled(wanted, installed)).toBe(true);
  });

  it.each([
    [
      "a package is missing, e.g. after an installation without development dependencies",
      { "node_modules/jest": undefined },
    ],
    ["a package has another version, e.g. after a change of branch", { "node_modules/pg": { version: "7.0.0" } }],
    ["an optional package has another version", { "node_modules/@embedded/darwin": { version: "0.9.0" } }],
  ])("wants an installation when %s", (_, change) => {
    const installed = Object.fromEntries(Object.entries({ ...wanted, ...change }).filter(([, found]) => found));
    expect(isInstalled(wanted, installed as Record<string, { version: string }>)).toBe(false);
  });

  it("agrees with npm about this very repository", () => {
    const read = (file: string) => {
      const { packages } = JSON.parse(fs.readFileSync(path.join(repository, file), "utf8")) as {
        packages: Record<string, { version: string }>;
      };
      const { "": _, ...others } = packages;
      return others;
    };
    expect(isInstalled(read("package-lock.json"), read("node_modules/.package-lock.json"))).toBe(true);
  });
});

describe("planBuild", () => {
  const source = { source: "kit/ids.ts", mtimeMs: 1, size: 10 };
  const entry = { mtimeMs: 1, size: 10, hash: "h1" };
  const disk = (hash: string, hasOutput = true) => ({ hashOf: jest.fn(() => hash), hasOutput: () => hasOutput });

  it("compiles everything the first time", () => {
    expect(planBuild([source], {}, disk("h1"))).toMatchObject({ changed: ["kit/ids.ts"], staleOutputs: [] });
  });

  it("does not even read a source whose time and size are as they were", () => {
    const unread = disk("h1");
    expect(planBuild([source], { "kit/ids.ts": entry }, unread)).toMatchObject({ changed: [], retimed: false });
    expect(unread.hashOf).not.toHaveBeenCalled();
  });

  it("does not compile a source that was only touched, and remembers its new time", () => {
    const plan = planBuild([{ ...source, mtimeMs: 2 }], { "kit/ids.ts": entry }, disk("h1"));
    expect(plan).toMatchObject({ changed: [], retimed: true, files: { "kit/ids.ts": { mtimeMs: 2, hash: "h1" } } });
  });

  it("compiles a source that has changed", () => {
    const plan = planBuild([{ ...source, mtimeMs: 2 }], { "kit/ids.ts": entry }, disk("h2"));
    expect(plan).toMatchObject({ changed: ["kit/ids.ts"], unchanged: {} });
  });

  it("compiles a source whose output somebody has deleted", () => {
    expect(planBuild([source], { "kit/ids.ts": entry }, disk("h1", false)).changed).toEqual(["kit/ids.ts"]);
  });

  it("deletes the output of a source that is gone", () => {
    expect(planBuild([], { "kit/ids.ts": entry }, disk("h1")).staleOutputs).toEqual(["kit/ids.js", "kit/ids.js.map"]);
  });

  it("copies what is not TypeScript", () => {
    expect(outputsOf("deploy/local/bootstrap/build.cjs")).toEqual(["deploy/local/bootstrap/build.cjs"]);
  });
});

/** A clone just big enough for the bootstrap: its own files, the repository's node_modules, and one source. */
describe("bootstrap.mjs", () => {
  const folder = useTemporaryFolder();
  const inClone = (file: string) => path.join(folder(), file);
  const write = (file: string, content: string) => {
    fs.mkdirSync(path.dirname(inClone(file)), { recursive: true });
    fs.writeFileSync(inClone(file), content);
  };
  const run = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(process.execPath, ["deploy/local/bootstrap.mjs", ...args], {
      cwd: folder(),
      env: { ...process.env, ...env },
    });
    let output = "";
    child.stdout.on("data", (text) => (output += String(text)));
    child.stderr.on("data", (text) => (output += String(text)));
    const code = await new Promise((resolve) => child.on("close", resolve));
    // A step that takes longer than a second says so, on a busy machine any of them.
    return { code, output: output.replace(/^.* …( .*)?\n/gm, "") };
  };

  beforeEach(() => {
    fs.cpSync(path.join(repository, "deploy/local/bootstrap"), inClone("deploy/local/bootstrap"), { recursive: true });
    for (const file of ["deploy/local/bootstrap.mjs", "package.json", "package-lock.json", ".swcrc"]) {
      fs.copyFileSync(path.join(repository, file), inClone(file));
    }
    fs.symlinkSync(path.join(repository, "node_modules"), inClone("node_modules"));
    write("kit/ids.ts", 'export const id: string = "first";\n');
  });

  it("compiles the sources with a source map that leads back to them", async () => {
    expect(await run(["build"])).toEqual({ code: 0, output: "" });
    expect(fs.readFileSync(inClone("dist/kit/ids.js"), "utf8")).toContain('"first"');
    const map = JSON.parse(fs.readFileSync(inClone("dist/kit/ids.js.map"), "utf8")) as { sources: string[] };
    expect(path.resolve(inClone("dist/kit"), map.sources[0]!)).toBe(inClone("kit/ids.ts"));
  });

  it("follows changes: a new text, a new file, a file that is gone", async () => {
    await run(["build"]);
    write("kit/ids.ts", 'export const id: string = "second";\n');
    write("kit/more.ts", "export const more = 1;\n");
    await run(["build"]);
    expect(fs.readFileSync(inClone("dist/kit/ids.js"), "utf8")).toContain('"second"');
    fs.rmSync(inClone("kit/more.ts"));
    await run(["build"]);
    expect(fs.existsSync(inClone("dist/kit/ids.js"))).toBe(true);
    expect(fs.readdirSync(inClone("dist/kit")).filter((name) => name.startsWith("more"))).toEqual([]);
  });

  it("leaves what has not changed untouched", async () => {
    await run(["build"]);
    const before = fs.statSync(inClone("dist/kit/ids.js")).mtimeMs;
    await run(["build"]);
    expect(fs.statSync(inClone("dist/kit/ids.js")).mtimeMs).toBe(before);
  });

  it("names the file and the line of a mistake, fails, and recovers", async () => {
    write("kit/ids.ts", "export const id = ;\n");
    const { code, output } = await run(["build"]);
    expect(code).toBe(1);
    expect(output).toMatch(/kit\/ids\.ts:1:/);
    expect(output).toContain("The build failed; nothing was started.");
    expect(output).not.toContain("Stack backtrace");
    write("kit/ids.ts", "export const id = 1;\n");
    expect((await run(["build"])).code).toBe(0);
  });

  it("builds once, correctly, however many start at the same time", async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => run(["build"])));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(fs.readFileSync(inClone("dist/kit/ids.js"), "utf8")).toContain('"first"');
    expect(fs.readdirSync(inClone("dist")).sort()).toEqual([".build.json", "deploy", "kit"]);
  });

  it("bundles the explorer page when its sources change, and only then", async () => {
    const assets = "dist/gateway/http/explorer/assets";
    const builder = (text: string) => `
      import fs from "node:fs";
      fs.mkdirSync(${JSON.stringify(assets)}, { recursive: true });
      fs.appendFileSync(${JSON.stringify(`${assets}/page.js`)}, ${JSON.stringify(text)});`;
    write("gateway/http/explorer/page/build.mjs", builder("one;"));
    await run(["build"]);
    await run(["build"]);
    expect(fs.readFileSync(inClone(`${assets}/page.js`), "utf8")).toBe("one;");
    write("gateway/http/explorer/page/build.mjs", builder("two;"));
    await run(["build"]);
    expect(fs.readFileSync(inClone(`${assets}/page.js`), "utf8")).toBe("one;two;");
  });

  it("runs the gateway with its arguments and ends with its exit code", async () => {
    write(
      "gateway/main.ts",
      "console.log(JSON.stringify([process.argv.slice(2), process.execArgv])); process.exit(5);\n",
    );
    const { code, output } = await run(["gateway", "--", "--supergraph", "file", "--port", "0"]);
    expect(code).toBe(5);
    expect(JSON.parse(output)).toEqual([["--supergraph", "file", "--port", "0"], ["--max-semi-space-size=24"]]);
  });

  it("starts the platform in its own process, so that signals reach it", async () => {
    write("deploy/local/main.ts", 'console.log("started by", process.argv[1].split("/").pop());\n');
    expect(await run(["start"])).toEqual({ code: 0, output: "started by bootstrap.mjs\n" });
  });

  it("refuses an older Node in one sentence", async () => {
    const older = `Object.defineProperty(process, "versions", { value: { node: "20.18.3" } });
      Object.defineProperty(process, "version", { value: "v20.18.3" });`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(older)}`;
    expect(await run(["start"], { NODE_OPTIONS })).toEqual({
      code: 1,
      output: "Tributary needs Node 20.19 or newer; this is v20.18.3. Install a newer Node and try again.\n",
    });
  });

  it("names the commands there are when it does not know one", async () => {
    expect(await run(["dance"])).toEqual({
      code: 1,
      output: 'Unknown command "dance". Use one of: start, build, test, test:services, gateway, partners.\n',
    });
  });

  it("refuses to test against services that are not there, a sentence for each", async () => {
    const [postgres, amqp] = await findFreePorts(2);
    const { code, output } = await run(["test:services"], {
      TEST_POSTGRES_URL: `postgres://postgres@127.0.0.1:${postgres}/postgres`,
      TEST_AMQP_URL: `amqp://127.0.0.1:${amqp}`,
      TEST_REDIS_URL: "not a url",
    });
    expect(code).toBe(1);
    expect(output.trim().split("\n")).toEqual([
      `PostgreSQL does not answer at 127.0.0.1:${postgres}; start it there or set TEST_POSTGRES_URL to where it is.`,
      `RabbitMQ does not answer at 127.0.0.1:${amqp}; start it there or set TEST_AMQP_URL to where it is.`,
      "TEST_REDIS_URL is not a URL.",
    ]);
  });
});

describe("servicesEnvironment", () => {
  it("finds the services at their usual ports, for the suites and for the contracts alike", () => {
    expect(servicesEnvironment({})).toEqual({
      TEST_POSTGRES_URL: "postgres://postgres@127.0.0.1:5432/postgres",
      TEST_AMQP_URL: "amqp://guest:guest@127.0.0.1:5672",
      TEST_REDIS_URL: "redis://127.0.0.1:6379",
      REAL_POSTGRES_URL: "postgres://postgres@127.0.0.1:5432/postgres",
      REAL_AMQP_URL: "amqp://guest:guest@127.0.0.1:5672",
      TRIBUTARY_TEST_SERVICES: "1",
    });
  });

  it("leaves alone what is set", () => {
    const environment = servicesEnvironment({ TEST_AMQP_URL: "amqp://mine", REAL_POSTGRES_URL: "postgres://mine" });
    expect(environment).toMatchObject({
      TEST_AMQP_URL: "amqp://mine",
      REAL_AMQP_URL: "amqp://mine",
      REAL_POSTGRES_URL: "postgres://mine",
    });
  });
});

describe("servicesArguments", () => {
  const folder = useTemporaryFolder();
  const write = (file: string, content: string) => {
    fs.mkdirSync(path.join(folder(), "kit"), { recursive: true });
    fs.writeFileSync(path.join(folder(), "kit", file), content);
  };

  it("relates the suites to the sources that ask for a service", () => {
    write("broker.ts", 'connect(process.env["TEST_AMQP_URL"])');
    write("platform.ts", "process.env.TRIBUTARY_TEST_SERVICES === 1");
    write("money.ts", "process.env.MY_TEST_AMQP_URL");
    const args = servicesArguments(folder(), ["--json"]);
    expect(args).toEqual(["--json", "--findRelatedTests", "kit/broker.ts", "kit/platform.ts"]);
  });

  it("finds the databases, the broker and the stories of the repository", () => {
    expect(servicesArguments(repository, [])).toEqual(
      expect.arrayContaining(["kit/test/postgres-database.ts", "kit/test/amqp.test.ts", "e2e/harness/platform.ts"]),
    );
  });

  it.each([[["kit/test/money.test.ts"]], [["--runInBand", "-t", "an order"]], [["--testPathPatterns=kit"]]])(
    "leaves %j to whoever names suites",
    (args) => {
      expect(servicesArguments(repository, args)).toEqual(args);
    },
  );
});

describe("unreachable", () => {
  it("does not take an open port for an answer", async () => {
    const mute = net.createServer((socket) => socket.resume().end());
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as net.AddressInfo;
    const answering = net.createServer((socket) => void socket.on("data", () => socket.end("N")));
    await new Promise<void>((resolve) => answering.listen(0, "127.0.0.1", resolve));
    const { port: good } = answering.address() as net.AddressInfo;
    expect(
      await unreachable({
        TEST_POSTGRES_URL: `postgres://127.0.0.1:${good}/x`,
        TEST_AMQP_URL: `amqp://127.0.0.1:${port}`,
        TEST_REDIS_URL: `redis://127.0.0.1:${good}`,
      }),
    ).toEqual([expect.stringContaining("RabbitMQ does not answer")]);
    await Promise.all([mute, answering].map((server) => new Promise((resolve) => server.close(resolve))));
  });
});
