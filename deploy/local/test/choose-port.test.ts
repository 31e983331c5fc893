import { choosePort } from "../choose-port";
import { findFreePorts, hold, release } from "../free-ports";

describe("choosePort", () => {
  it("takes the wanted port when it is free", async () => {
    const [port] = (await findFreePorts(1)) as [number];
    expect(await choosePort(port, "127.0.0.1")).toBe(port);
  });

  it("takes any free port for 0", async () => {
    expect(await choosePort(0, "127.0.0.1")).toBeGreaterThan(0);
  });

  it("names PORT when it is in use", async () => {
    const [port] = (await findFreePorts(1)) as [number];
    const other = await hold(port, "127.0.0.1");
    await expect(choosePort(port, "127.0.0.1")).rejects.toThrow(`Port ${port} is in use; set PORT to another one`);
    await release(other!);
  });

  it("names HOST when this machine has no such address", async () => {
    const [port] = (await findFreePorts(1)) as [number];
    await expect(choosePort(port, "192.0.2.1")).rejects.toThrow("set HOST to an address of this machine");
  });
});
