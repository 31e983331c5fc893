import fs from "node:fs";
import path from "node:path";
import { processStart } from "../bootstrap/process-identity.cjs";
import { findFreePorts } from "../free-ports";
import type { RunningProcess } from "../running-process";
import { startMongod } from "../start-mongod";
import { useTemporaryFolder } from "./temporary-folder";

describe("startMongod", () => {
  const folder = useTemporaryFolder();
  let running: RunningProcess | undefined;
  let output: string;

  const start = async (file = path.join(__dirname, "fixtures/mongod.cjs")) => {
    const [port] = (await findFreePorts(1)) as [number];
    output = "";
    running = undefined;
    const options = {
      file,
      dataDirectory: path.join(folder(), "mongod"),
      port,
      onOutput: (text: string) => void (output += text),
    };
    await startMongod(options, (process) => (running = process));
    return port;
  };

  it("runs it on our data, for this machine only, and waits until it listens", async () => {
    const port = await start();
    expect(JSON.parse(output)).toMatchObject({
      values: { dbpath: path.join(folder(), "mongod"), bind_ip: "127.0.0.1", port: String(port), nounixsocket: true },
    });
    await running!.close();
    expect(await running!.exited).toEqual({ code: 0, signal: null });
    expect(processStart(running!.pid)).toBeUndefined();
  });

  it("says so when it ends instead of listening", async () => {
    fs.mkdirSync(path.join(folder(), "mongod"));
    fs.writeFileSync(path.join(folder(), "mongod/damaged"), "");
    await expect(start()).rejects.toThrow("mongod ended before it listened, exit code 14");
  });

  it("says so when it cannot be run at all", async () => {
    await expect(start(path.join(folder(), "absent"))).rejects.toThrow("ENOENT");
    expect(running).toBeUndefined();
  });
});
