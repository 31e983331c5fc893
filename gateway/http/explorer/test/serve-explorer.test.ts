import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { createServer, request, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { createExplorer } from "../serve-explorer";

const script = "export const page = 1;";
const manifest = {
  script: "explorer-AAAA.js",
  style: "explorer-BBBB.css",
  preload: ["chunk-CCCC.js"],
  workers: { editor: "worker-editor-DDDD.js", graphql: "worker-graphql-EEEE.js", json: "worker-json-FFFF.js" },
  files: {
    "explorer-AAAA.js": { encodings: ["br", "gzip"] },
    "explorer-BBBB.css": { encodings: [] },
    "codicon-GGGG.ttf": { encodings: [] },
  },
};

let assetsDirectory: string;
let server: Server;
const immutable = "public, max-age=31536000, immutable";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the path exactly as written; `fetch` would resolve `..` before sending it. */
function ask(target: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path: target, agent: false, ...options }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("end", () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }));
    });
    sent.on("error", reject).end();
  });
}

function policyOf(answer: Answer): Map<string, string> {
  const directives = String(answer.headers["content-security-policy"]).split("; ");
  return new Map(directives.map((one) => [one.slice(0, one.indexOf(" ")), one.slice(one.indexOf(" ") + 1)]));
}

function settingsOf(answer: Answer): Record<string, unknown> {
  const [, json = ""] = /<script type="application\/json" id="explorer-settings">(.*?)<\/script>/s.exec(
    answer.body.toString(),
  )!;
  return JSON.parse(json) as Record<string, unknown>;
}

async function writeBuild(): Promise<void> {
  const write = (name: string, content: string | Buffer) => writeFile(path.join(assetsDirectory, name), content);
  await write("explorer-AAAA.js", script);
  await write("explorer-AAAA.js.br", brotliCompressSync(script));
  await write("explorer-AAAA.js.gz", gzipSync(script));
  await write("explorer-BBBB.css", "body{}");
  await write("codicon-GGGG.ttf", Buffer.from([0, 1, 0, 0]));
  await write("manifest.json", JSON.stringify(manifest));
}

async function listen(options: Partial<Parameters<typeof createExplorer>[0]> = {}): Promise<void> {
  const explorer = createExplorer({ assetsDirectory, graphqlPath: "/graphql", websocketPath: "/live", ...options });
  server = createServer((req, res) => {
    void explorer(req, res).then((answered) => {
      if (!answered) res.writeHead(418).end("somebody else's");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}

beforeEach(async () => {
  assetsDirectory = await mkdtemp(path.join(tmpdir(), "explorer-assets-"));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(assetsDirectory, { recursive: true });
});

describe("the page", () => {
  beforeEach(writeBuild);

  test("is reached from /explorer by one redirect that keeps the query and does not loop", async () => {
    await listen();
    const redirect = await ask("/explorer?query=%7Bme%7D");
    expect(redirect.status).toBe(308);
    expect(redirect.headers.location).toBe("explorer/?query=%7Bme%7D");
    const target = new URL(redirect.headers.location!, "http://gateway/explorer");
    expect((await ask(target.pathname + target.search)).status).toBe(200);
  });

  test("names the files of the build and embeds its settings as JSON", async () => {
    const examples = [{ name: "Me", query: "{ me { id } }", variables: { a: 1 } }];
    await listen({ examples, queryPlan: { header: "x-plan", extension: "plan" } });
    const page = await ask("/explorer/");
    const html = page.body.toString();
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(html).toContain('<script type="module" src="assets/explorer-AAAA.js"></script>');
    expect(html).toContain('<link rel="stylesheet" href="assets/explorer-BBBB.css">');
    expect(html).toContain('<link rel="modulepreload" href="assets/chunk-CCCC.js">');
    expect(settingsOf(page)).toEqual({
      title: "Tributary",
      graphqlPath: "/graphql",
      websocketPath: "/live",
      schemaPath: "/schema.graphql",
      homePath: "/",
      examples,
      queryPlan: { header: "x-plan", extension: "plan" },
      workers: {
        editor: "assets/worker-editor-DDDD.js",
        graphql: "assets/worker-graphql-EEEE.js",
        json: "assets/worker-json-FFFF.js",
      },
    });
  });

  test("cannot be broken out of by what it is given to show", async () => {
    const evil = "</script><script>alert(1)</script><!--";
    await listen({ title: evil, examples: [{ name: evil, query: evil }] });
    const page = await ask("/explorer/");
    expect(page.body.toString()).not.toContain("<script>alert");
    expect(page.body.toString()).not.toContain("<!--");
    expect(settingsOf(page)).toMatchObject({ title: evil, examples: [{ name: evil, query: evil }] });
  });

  test("refuses everything that is not from this server, and to be framed", async () => {
    await listen();
    const page = await ask("/explorer/", { headers: { host: "graph.example:4000" } });
    expect(Object.fromEntries(policyOf(page))).toEqual({
      "default-src": "'none'",
      "script-src": "'self'",
      "worker-src": "'self'",
      "style-src": "'self' 'unsafe-inline'",
      "font-src": "'self' data:",
      "img-src": "'self' data:",
      "connect-src": "'self' ws://graph.example:4000 wss://graph.example:4000",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
    });
    expect(page.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    });
  });

  test.each([
    ["[::1]:4000", "'self' ws://[::1]:4000 wss://[::1]:4000"],
    ["evil.example; script-src *", "'self'"],
    ["a b", "'self'"],
    ["host, other", "'self'"],
  ])("lets the Host header %j widen its policy to %j and no further", async (host, sources) => {
    await listen();
    const policy = policyOf(await ask("/explorer/", { headers: { host } }));
    expect(policy.get("connect-src")).toBe(sources);
    expect(policy.get("script-src")).toBe("'self'");
  });

  test("is revalidated each time and not sent again while it is the same", async () => {
    await listen();
    const first = await ask("/explorer/");
    expect(first.headers["cache-control"]).toBe("no-cache");
    const again = await ask("/explorer/", { headers: { "if-none-match": `"other", W/${first.headers.etag}` } });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect(again.headers["content-security-policy"]).toBe(first.headers["content-security-policy"]);
  });

  test("follows a new build without a restart", async () => {
    await listen();
    const before = await ask("/explorer/");
    await writeFile(path.join(assetsDirectory, "explorer-NEW1.js"), "export {};");
    const next = { ...manifest, script: "explorer-NEW1.js", files: { "explorer-NEW1.js": { encodings: [] } } };
    await writeFile(path.join(assetsDirectory, "manifest.json"), JSON.stringify(next));
    await utimes(path.join(assetsDirectory, "manifest.json"), 2_000_000_000, 2_000_000_000);
    const after = await ask("/explorer/");
    expect(after.body.toString()).toContain("assets/explorer-NEW1.js");
    expect(after.headers.etag).not.toBe(before.headers.etag);
    expect((await ask("/explorer/assets/explorer-NEW1.js")).status).toBe(200);
    expect((await ask("/explorer/assets/explorer-AAAA.js")).status).toBe(404);
  });
});

describe("an asset", () => {
  beforeEach(writeBuild);

  test.each([
    ["explorer-AAAA.js", "text/javascript; charset=utf-8"],
    ["explorer-BBBB.css", "text/css; charset=utf-8"],
    ["codicon-GGGG.ttf", "font/ttf"],
  ])("%s is served as %s and cached for ever", async (name, type) => {
    await listen();
    const answer = await ask(`/explorer/assets/${name}`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "content-type": type,
      "cache-control": immutable,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'",
      "content-length": String(answer.body.length),
    });
  });

  test.each<[string, string | undefined, (body: Buffer) => Buffer]>([
    ["gzip, deflate, br", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
    ["br;q=0, GZIP;q=0.5", "gzip", gunzipSync],
    ["*", "br", brotliDecompressSync],
    ["identity", undefined, (body) => body],
    ["br;q=0, gzip;q=0", undefined, (body) => body],
  ])("is sent to a client that accepts %j encoded as %s", async (accepted, encoding, decode) => {
    await listen();
    const answer = await ask("/explorer/assets/explorer-AAAA.js", { headers: { "accept-encoding": accepted } });
    expect(answer.headers["content-encoding"]).toBe(encoding);
    expect(answer.headers["vary"]).toBe("accept-encoding");
    expect(decode(answer.body).toString()).toBe(script);
  });

  test("has a tag of its own for each encoding", async () => {
    await listen();
    const plain = await ask("/explorer/assets/explorer-AAAA.js");
    const br = await ask("/explorer/assets/explorer-AAAA.js", { headers: { "accept-encoding": "br" } });
    expect(br.headers.etag).not.toBe(plain.headers.etag);
    const again = await ask("/explorer/assets/explorer-AAAA.js", {
      headers: { "accept-encoding": "br", "if-none-match": br.headers.etag! },
    });
    expect(again.status).toBe(304);
    expect(again.headers["cache-control"]).toBe(immutable);
  });

  test("answers HEAD like GET without the content", async () => {
    await listen();
    const get = await ask("/explorer/assets/explorer-AAAA.js");
    const head = await ask("/explorer/assets/explorer-AAAA.js", { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    expect(head.headers).toMatchObject({ etag: get.headers.etag, "content-length": String(script.length) });
  });

  test("that a newer build has just removed is not found", async () => {
    await listen();
    await rm(path.join(assetsDirectory, "explorer-BBBB.css"));
    expect((await ask("/explorer/assets/explorer-BBBB.css")).status).toBe(404);
  });
});

describe("what is refused", () => {
  test.each([
    "/explorer/assets/../manifest.json",
    "/explorer/assets/..%2f..%2f..%2fetc%2fpasswd",
    "/explorer/assets/%2e%2e/%2e%2e/package.json",
    "/explorer/assets/..\\..\\package.json",
    "/explorer/assets//etc/passwd",
    "/explorer/assets/manifest.json",
    "/explorer/assets/explorer-AAAA.js.br",
    "/explorer/assets/explorer-AAAA.js%00.css",
    "/explorer/assets/__proto__",
    "/explorer/assets/",
    "/explorer/explorer-AAAA.js",
    "/explorer/index.html",
    "/explorer/%",
  ])("%s is not found", async (target) => {
    await writeBuild();
    await listen();
    const answer = await ask(target);
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).toBe("Not found.\n");
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is not allowed", async (method) => {
    await writeBuild();
    await listen();
    const answer = await ask("/explorer/", { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD");
  });

  test.each(["/", "/graphql", "/explorers", "/explorer.html", "/assets/explorer-AAAA.js"])(
    "%s is left to the rest of the server",
    async (target) => {
      await writeBuild();
      await listen();
      expect((await ask(target)).status).toBe(418);
    },
  );

  test("a manifest that names files outside its directory is not believed", async () => {
    await writeBuild();
    const files = { "../secret.js": { encodings: [] } };
    await writeFile(path.join(assetsDirectory, "manifest.json"), JSON.stringify({ ...manifest, files }));
    const explorer = createExplorer({ assetsDirectory, graphqlPath: "/graphql", websocketPath: "/live" });
    let refusal: unknown;
    server = createServer((req, res) => {
      explorer(req, res).catch((error: unknown) => {
        refusal = error;
        res.writeHead(500).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    expect((await ask("/explorer/assets/../secret.js")).status).toBe(500);
    expect(String(refusal)).toContain("../secret.js");
  });
});

describe("before the page is built", () => {
  test("a page says how to build it, and is not kept when that is done", async () => {
    await listen();
    const missing = await ask("/explorer/");
    expect(missing.status).toBe(503);
    expect(missing.headers["cache-control"]).toBe("no-store");
    expect(missing.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(missing.body.toString()).toContain("npm run build");
    expect((await ask("/explorer/assets/explorer-AAAA.js")).status).toBe(503);

    await writeBuild();
    expect((await ask("/explorer/")).status).toBe(200);
  });

  test("a directory that does not exist is no different", async () => {
    await listen({ assetsDirectory: path.join(assetsDirectory, "nowhere") });
    expect((await ask("/explorer/")).status).toBe(503);
  });
});
