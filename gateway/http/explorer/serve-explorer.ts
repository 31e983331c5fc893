import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { createManifestReader, type AssetManifest } from "./asset-manifest";
import { assetHeaders, pageHeaders } from "./page-headers";
import { renderExplorerPage, renderMissingPage, type PageSettings } from "./render-page";

export interface ExplorerOptions extends Partial<Omit<PageSettings, "graphqlPath" | "websocketPath">> {
  /** Where `page/build.mjs` wrote to. It may be empty still: until the page is built, a page that says so is served. */
  readonly assetsDirectory: string;
  /** Path of the GraphQL endpoint on the server that serves the page, such as `/graphql`. */
  readonly graphqlPath: string;
  /** Path of the graphql-ws endpoint on the same server. */
  readonly websocketPath: string;
}

/**
 * Answers the request and gives true, or gives false and leaves it alone when it is not the explorer's. It rejects,
 * having sent nothing, when the assets cannot be read or their manifest is not one of `page/build.mjs`.
 */
export type ExplorerHandler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

const contentTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".ttf": "font/ttf",
};
const suffixes = { br: ".br", gzip: ".gz" } as const;
type Encoding = keyof typeof suffixes;

interface Body {
  readonly content: Buffer;
  readonly etag: string;
}

/**
 * Serves the explorer page: `/explorer` redirects to `/explorer/`, whose files are below `/explorer/assets/`.
 *
 * Only the names in the build's manifest are files; a path is compared with them and never resolved, so there is
 * nothing to traverse. Their names carry hashes: they are cached for ever, the page itself is revalidated each time.
 */
export function createExplorer(options: ExplorerOptions): ExplorerHandler {
  const { assetsDirectory, title = "Tributary", schemaPath = "/schema.graphql", homePath = "/", ...rest } = options;
  const { graphqlPath, websocketPath, examples = [], queryPlan } = rest;
  const settings: PageSettings = { title, graphqlPath, websocketPath, schemaPath, homePath, examples, queryPlan };
  const readManifest = createManifestReader(assetsDirectory);
  /** Of one build; at most its own size, about 10 MB when every encoding of every file was asked for. */
  let served: { manifest: AssetManifest; page: Body; files: Map<string, Body> } | undefined;

  async function currentBuild(): Promise<typeof served> {
    const manifest = await readManifest();
    if (manifest && served?.manifest !== manifest) {
      served = { manifest, page: body(Buffer.from(renderExplorerPage(settings, manifest))), files: new Map() };
    }
    return manifest && served;
  }

  return async (req, res) => {
    const [pathname = "", ...query] = (req.url ?? "").split("?");
    if (pathname !== "/explorer" && !pathname.startsWith("/explorer/")) return false;

    if (req.method !== "GET" && req.method !== "HEAD") {
      send(req, res, 405, { ...assetHeaders(), allow: "GET, HEAD" }, "Only GET and HEAD are allowed here.\n");
      return true;
    }
    if (pathname === "/explorer") {
      // Relative, so that it holds behind a proxy that serves us below a path of its own.
      const location = ["explorer/", ...query].join("?");
      send(req, res, 308, { ...assetHeaders(), location, "cache-control": "no-cache" }, "");
      return true;
    }

    const build = await currentBuild();
    if (!build) {
      const headers = { ...pageHeaders(req), "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
      send(req, res, 503, headers, renderMissingPage(title));
    } else if (pathname === "/explorer/") {
      const headers = { ...pageHeaders(req), "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" };
      sendCacheable(req, res, headers, build.page);
    } else {
      await sendAsset(req, res, build, pathname.slice("/explorer/".length));
    }
    return true;
  };

  async function sendAsset(
    req: IncomingMessage,
    res: ServerResponse,
    build: NonNullable<typeof served>,
    relativePath: string,
  ): Promise<void> {
    const name = relativePath.startsWith("assets/") ? relativePath.slice("assets/".length) : "";
    const file = Object.hasOwn(build.manifest.files, name) ? build.manifest.files[name] : undefined;
    const encoding = file && chooseEncoding(req.headers["accept-encoding"], file.encodings);
    const fileName = encoding ? name + suffixes[encoding] : name;
    const found = file && (build.files.get(fileName) ?? (await readBody(fileName)));
    if (!found) {
      send(req, res, 404, { ...assetHeaders(), "cache-control": "no-cache" }, "Not found.\n");
      return;
    }
    build.files.set(fileName, found);
    const headers = {
      ...assetHeaders(),
      "content-type": contentTypes[path.extname(name)] ?? "application/octet-stream",
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
      ...(encoding && { "content-encoding": encoding }),
    };
    sendCacheable(req, res, headers, found);
  }

  /** `undefined` when a newer build removed the file since its manifest was read. */
  async function readBody(fileName: string): Promise<Body | undefined> {
    try {
      return body(await readFile(path.join(assetsDirectory, fileName)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }
}

/** The tag is strong and each encoding has its own, as RFC 9110 section 8.8.3.3 asks. */
function body(content: Buffer): Body {
  return { content, etag: `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"` };
}

function sendCacheable(req: IncomingMessage, res: ServerResponse, headers: Record<string, string>, found: Body): void {
  const known = (req.headers["if-none-match"] ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(found.etag) || known.includes("*")) {
    res.writeHead(304, { ...headers, etag: found.etag }).end();
    return;
  }
  send(req, res, 200, { ...headers, etag: found.etag }, found.content);
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Record<string, string>,
  content: string | Buffer,
): void {
  const length = String(Buffer.byteLength(content));
  res.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers, "content-length": length });
  res.end(req.method === "HEAD" ? undefined : content);
}

/** Of the copies there are, the first (best) that the client takes; `undefined` is the file as it is. */
function chooseEncoding(accepted: string | undefined, available: readonly Encoding[]): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const part of (accepted ?? "").toLowerCase().split(",")) {
    const [coding = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return available.find((coding) => (weights.get(coding) ?? weights.get("*") ?? 0) > 0);
}
