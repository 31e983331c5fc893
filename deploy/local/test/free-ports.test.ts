import { findFreePorts, hold, release } from "../free-ports";

describe("findFreePorts", () => {
  it("gives distinct ports that a server can listen on", async () => {
    const ports = await findFreePorts(6);
    expect(new Set(ports).size).toBe(6);
    const servers = await Promise.all(ports.map((port) => hold(port, "127.0.0.1")));
    expect(servers.every((server) => server !== undefined)).toBe(true);
    await Promise.all(servers.map((server) => release(server!)));
  });

  it("stays out of the range systems use for outgoing connections", async () => {
    for (const port of await findFreePorts(10)) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(32_000);
    }
  });
});

describe("hold", () => {
  it("answers undefined for a port in use", async () => {
    const [port] = (await findFreePorts(1)) as [number];
    const first = await hold(port, "127.0.0.1");
    expect(await hold(port, "127.0.0.1")).toBeUndefined();
    await release(first!);
  });
});
