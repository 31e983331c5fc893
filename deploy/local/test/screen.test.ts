import { DEMO_ACCOUNTS, DEMO_PARTNER_KEY } from "../../../schema/demo";
import { publicUrl, renderScreen } from "../screen";
import { parseSettings } from "../settings";

const render = (env: Record<string, string> = {}, port = 4_000, cwd = "/repository") =>
  renderScreen({
    settings: parseSettings(env, "/repository"),
    port,
    data: { path: "/repository/.data", logs: "/repository/.data/logs" },
    root: "/repository",
    cwd,
  });

describe("renderScreen", () => {
  it("ends with one line that says ready and where", () => {
    expect(render().split("\n").at(-1)).toBe("Tributary is ready at http://localhost:4000");
  });

  it("leads to everything a newcomer may want to open", () => {
    const screen = render({}, 4_321);
    for (const path of ["/graphql", "/explorer", "/partner/v1/docs", "/schema.graphql", "/health/ready"]) {
      expect(screen).toContain(`http://localhost:4321${path}`);
    }
    expect(screen).toContain(
      "https://studio.apollographql.com/sandbox/explorer?endpoint=http%3A%2F%2Flocalhost%3A4321%2Fgraphql",
    );
  });

  it("fits on one screen", () => {
    expect(render().split("\n").length).toBeLessThanOrEqual(24);
  });

  it("tells the demo accounts and the demo partner key", () => {
    for (const { email, password } of DEMO_ACCOUNTS) {
      expect(render()).toContain(email);
      expect(render()).toContain(password);
    }
    expect(render()).toContain(DEMO_PARTNER_KEY);
  });

  it("tells none of that in production, nor when no demo data was seeded", () => {
    for (const env of [{ NODE_ENV: "production" }, { SEED_DEMO: "false" }] as Record<string, string>[]) {
      expect(render(env)).not.toContain("tributary-demo-1");
      expect(render(env)).not.toContain(DEMO_PARTNER_KEY);
    }
  });

  it("prints commands to paste: the body of each curl is JSON, each program is named from where the user is", () => {
    const commands = render({}, 4_000, "/repository/docs")
      .split("\n")
      .filter((line) => /^(curl|node) /.test(line));
    expect(commands).toHaveLength(3);
    for (const command of commands.slice(0, 2)) {
      const body = JSON.parse(/-d '(.*)'$/.exec(command)![1]!) as { query: string };
      expect(body.query).toMatch(/^(mutation )?\{/);
      expect(command).toContain("$(node ../dist/deploy/local/log-in.js)");
    }
    expect(commands[2]).toBe("node ../dist/deploy/local/watch-order.js");
  });

  it("passes the URL on when it is not the usual one, and quotes a path with blanks", () => {
    expect(render({}, 5_000)).toContain("node dist/deploy/local/watch-order.js --url http://localhost:5000");
    expect(render({}, 4_000, "/home/a b")).toContain("node ../../repository/dist");
    const inBlank = renderScreen({
      settings: parseSettings({}, "/my shop"),
      port: 4_000,
      data: { path: "/d", logs: "/d/logs" },
      root: "/my shop",
      cwd: "/",
    });
    expect(inBlank).toContain("node 'my shop/dist/deploy/local/watch-order.js'");
  });
});

describe("publicUrl", () => {
  it.each([
    ["127.0.0.1", "http://localhost:80"],
    ["0.0.0.0", "http://localhost:80"],
    ["::", "http://localhost:80"],
    ["192.0.2.7", "http://192.0.2.7:80"],
    ["2001:db8::7", "http://[2001:db8::7]:80"],
  ])("shows %s as %s", (host, url) => expect(publicUrl(host, 80)).toBe(url));
});
