import { createAgentHostCheck } from "../agent-host";

describe("the name that an agent's request was sent to", () => {
  const LOCAL = ["localhost", "LOCALHOST:4000", "127.0.0.1:4000", "127.8.8.8", "[::1]:4000", "[::1]"];
  const OTHERS = [
    "rebound.example",
    "rebound.example:4000",
    "localhost.rebound.example",
    "127.0.0.1.rebound.example:4000",
    "192.0.2.1",
    "",
  ];

  it.each(["127.0.0.1", "localhost", "::1"])("is one of this machine where the gateway listens on %s", (host) => {
    const isOurs = createAgentHostCheck({ host, named: [] });
    expect(LOCAL.map(isOurs)).toEqual(LOCAL.map(() => true));
    expect([...OTHERS, undefined].map(isOurs)).toEqual([...OTHERS, undefined].map(() => false));
  });

  it("is any where the gateway listens on every address and no names are given", () => {
    const isOurs = createAgentHostCheck({ host: "0.0.0.0", named: [] });
    expect([...LOCAL, ...OTHERS].map(isOurs)).not.toContain(false);
  });

  it.each(["127.0.0.1", "0.0.0.0"])("is one of those given, or of this machine, on %s", (host) => {
    const isOurs = createAgentHostCheck({ host, named: ["Shop.example"] });
    expect(["shop.example", "SHOP.example:443", ...LOCAL].map(isOurs)).not.toContain(false);
    expect(["not-shop.example", "shop.example.evil", ...OTHERS].map(isOurs)).not.toContain(true);
  });
});
