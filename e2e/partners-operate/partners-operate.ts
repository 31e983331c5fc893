import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";
import { DEMO_VARIANT } from "../../schema/demo";
import { STAFF } from "../harness/demo";
import type { Platform } from "../harness/platform";
import { readPrice, reprice } from "../harness/price";
import { waitUntil } from "../harness/wait-until";

const root = path.resolve(__dirname, "../..");
const SLUG = "globex";
const SCOPES = "products:read,webhooks";

const PRODUCT = 'query Product($slug: String!) @rest(path: "/catalogue/{slug}") { product(slug: $slug) { name } }';
const RENAMED =
  'query Product($slug: String!) @rest(path: "/catalogue/{slug}") { product(slug: $slug) { title: name slug } }';
const PRICES =
  "subscription Prices($of: [ID!]!) { productPriceChanged(productIds: $of) { sku price { amountMinor currency } } }";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is what is tested
  readonly body: any;
}

/** What an operator and a partner do one after the other, on a platform that runs all the while. */
export function tellPartnersOperate(platform: () => Platform): void {
  describe("a new partner", () => {
    let folder: string;
    let key: { readonly keyId: string; readonly key: string };
    let testKey: typeof key;

    /** `npm run partners -- …` */
    const command = async (...argv: readonly string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["deploy/local/bootstrap.mjs", "partners", ...argv],
        { cwd: root, env: { ...process.env, TRIBUTARY_DATA_DIR: platform().dataDirectory } },
      );
      return stdout;
    };
    const makeKey = async (mode: "live" | "test") =>
      JSON.parse(
        await command("keys", "create", "--partner", SLUG, "--mode", mode, "--scopes", SCOPES, "--json"),
      ) as typeof key;
    const publish = async (...texts: readonly string[]) => {
      const file = path.join(folder, `${randomUUID()}.json`);
      const named = texts.map((text) => [/\w+ (\w+)/.exec(text)?.[1] + randomUUID().slice(0, 8), text]);
      fs.writeFileSync(file, JSON.stringify(Object.fromEntries(named)));
      await command("operations", "publish", "--partner", SLUG, "--file", file);
    };
    const call = async (
      where: string,
      options: { method?: string; body?: unknown; key?: string } = {},
    ): Promise<Answer> => {
      const { method = "GET", body } = options;
      const response = await fetch(`${platform().url}/partner/v1${where}`, {
        method,
        headers: {
          authorization: `Bearer ${options.key ?? key.key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
    };

    beforeAll(async () => {
      folder = fs.mkdtempSync(path.join(platform().dataDirectory, "globex-"));
      await command("create", "--slug", SLUG, "--name", "Globex");
      key = await makeKey("live");
      testKey = await makeKey("test");
    });

    it("calls what was published a moment ago, and the operator changes it and takes it back without a refused call", async () => {
      const shown = () => call(`/catalogue/${DEMO_VARIANT.productSlug}`);
      expect((await shown()).status).toBe(404);
      await publish(PRODUCT, PRICES);
      const first = await waitUntil("the first version", async () => {
        const answer = await shown();
        return answer.status === 200 && answer;
      });
      expect(Object.keys(first.body as object)).toEqual(["name"]);

      let isOver = false;
      const statuses = new Set<number>();
      const calling = (async () => {
        while (!isOver) statuses.add((await shown()).status);
      })();
      await publish(RENAMED, PRICES);
      await waitUntil("the second version", async () => (await shown()).body.slug === DEMO_VARIANT.productSlug);
      const rolledBack = await command("operations", "rollback", "--partner", SLUG, "--json");
      expect(JSON.parse(rolledBack)).toEqual({ partner: SLUG, version: 1, state: "active" });
      await waitUntil("the first version again", async () => "name" in (await shown()).body);
      isOver = true;
      await calling;
      expect([...statuses]).toEqual([200]);
    });

    it("is told by the command what is wrong with its operations, all at once, and nothing is published", async () => {
      const bad = publish("query Wrong { nope }", "query Orders { me { id nothing } }");
      await expect(bad).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/nope[\s\S]*nothing|nothing[\s\S]*nope/) as string,
      });
      expect((await call(`/catalogue/${DEMO_VARIANT.productSlug}`)).status).toBe(200);
    });

    it("is named by the schema check, with the operation, before a change breaks what it calls", async () => {
      const check = (...argv: readonly string[]) =>
        promisify(execFile)(process.execPath, ["dist/schema/check.js", "--registry", ...argv], {
          cwd: root,
          env: { ...process.env, TRIBUTARY_DATA_DIR: platform().dataDirectory },
        });
      expect((await check()).stdout).toMatch(/Every registered operation fits: \d+ of 2 partners\./);
      const served = fs.readFileSync(path.join(root, "schema/supergraph.graphql"), "utf8");
      const changed = served.replace(/(\ntype Product @join__type[^]*?\n {2})name: /, "$1label: ");
      expect(changed).not.toBe(served);
      const file = path.join(folder, "next.graphql");
      fs.writeFileSync(file, changed);
      await expect(check("--supergraph", file)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /globex, Product, line \d+, column \d+: Cannot query field "name" on type "Product"/,
        ) as string,
      });
    });

    it("tries its calls with a test key, on data that is made up and always the same", async () => {
      const made = () => call("/catalogue/no-such-product", { key: testKey.key });
      const first = await made();
      expect(first.status).toBe(200);
      expect(first.headers.get("tributary-test-mode")).toBe("true");
      expect((await made()).body).toEqual(first.body);
      expect((await call("/catalogue/no-such-product")).status).toBe(404);
    });

    it("gets a signed message at its own server when a price changes", async () => {
      const got: { headers: Record<string, string>; text: string }[] = [];
      const server = http.createServer((req, res) => {
        const chunks: Buffer[] = [];
        req.on("data", (chunk: Buffer) => chunks.push(chunk));
        req.on("end", () => {
          got.push({ headers: req.headers as Record<string, string>, text: Buffer.concat(chunks).toString("utf8") });
          res.writeHead(204).end();
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices`;
        const body = { url, operation: "Prices", variables: { of: [DEMO_VARIANT.productId] } };
        const made = await call("/webhooks", { method: "POST", body });
        expect(made.status).toBe(201);
        const staff = await platform().signIn(STAFF);
        const { amountMinor, currency } = await readPrice(platform());
        await reprice(platform(), staff, amountMinor + 111);
        const [message] = await waitUntil("the message", () => got.length > 0 && got);
        await reprice(platform(), staff, amountMinor);
        const verified = new Webhook(made.body.secret as string).verify(message!.text, message!.headers);
        expect(verified).toMatchObject({
          data: { productPriceChanged: { sku: DEMO_VARIANT.sku, price: { amountMinor: amountMinor + 111, currency } } },
        });
        expect((await call(`/webhooks/${made.body.id}`, { method: "DELETE" })).status).toBe(204);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });

    it("reads what it has used", async () => {
      const used = await waitUntil("the figures", async () => {
        const { body } = await call("/usage");
        const text = JSON.stringify(body);
        return text.includes('"Product"') && body;
      });
      expect(JSON.stringify(used)).not.toContain(key.key);
    });

    it("is shut out within a second when its key is revoked", async () => {
      await command("keys", "revoke", key.keyId);
      await waitUntil("the refusal", async () => (await call("/usage")).status === 401, { deadlineMs: 1_000 });
    });
  });
}
