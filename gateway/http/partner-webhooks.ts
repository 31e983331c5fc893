import type { ServerResponse } from "node:http";
import { isPostgresAway } from "../../kit/postgres/is-postgres-away";
import { CallRefused } from "../partners/calls/call-refused";
import type { Partner } from "../partners/keys/partner";
import type { WebhookApi } from "../partners/webhooks/webhook-api";
import { HttpRefusal } from "./http-refusal";
import { nextPage } from "./next-page";
import type { PartnerCall } from "./partner-call";
import { answeringProblems } from "./partner-refusal";
import { searchOf } from "./read-graphql-request";
import { readPartnerBody } from "./read-partner-body";
import { VARY } from "./send-revalidated";

const PATH = "/webhooks";

export const isWebhookPath = (path: string): boolean => path === PATH || path.startsWith(`${PATH}/`);

/** What one method of one path does. @param parts of the path that vary */
type Handler = (call: PartnerCall & { body: () => Promise<unknown> }, parts: readonly string[]) => Promise<Reply>;

interface Reply {
  readonly status: 200 | 201 | 202 | 204;
  readonly document?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Routes = readonly (readonly [path: RegExp, methods: Readonly<Record<string, Handler>>])[];

/**
 * `/partner/v1/webhooks…`: JSON in and out, every refusal a problem document.
 * @param options.webhooks undefined where there are none
 */
export function createPartnerWebhooks(options: {
  webhooks: WebhookApi | undefined;
  maxBodyBytes: number;
}): (call: PartnerCall) => Promise<void> {
  const { webhooks, maxBodyBytes } = options;
  const routes = webhooks ? routesOf(webhooks) : [];

  const answer = async (call: PartnerCall): Promise<Reply> => {
    if (!webhooks) {
      throw new CallRefused(503, "SERVICE_UNAVAILABLE", "This gateway sends no webhooks: it has no broker of events.");
    }
    const { req, path } = call;
    for (const [pattern, methods] of routes) {
      const found = pattern.exec(path.slice(PATH.length));
      if (!found) continue;
      const handler = methods[req.method === "HEAD" ? "GET" : (req.method ?? "")];
      if (handler) return handler({ ...call, body: () => readPartnerBody(req, maxBodyBytes) }, found.slice(1));
      const allow = [...Object.keys(methods), "OPTIONS"].join(", ");
      throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", "This path does not take this method.", { allow });
    }
    throw new HttpRefusal(404, "NOT_FOUND", "There is nothing at this path.");
  };

  return answeringProblems(async (call) => {
    try {
      send(call.res, await answer(call));
    } catch (error) {
      throw isPostgresAway(error) ? away() : error;
    }
  });
}

const away = () =>
  new CallRefused(503, "SERVICE_UNAVAILABLE", "Webhooks cannot be looked up at the moment; try again.");

function routesOf(api: WebhookApi): Routes {
  /** Of an endpoint whose id the path names, and perhaps something else. */
  const named =
    (
      status: Reply["status"],
      run: (partner: Partner, parts: readonly [string, string], body: unknown) => Promise<unknown>,
    ): Handler =>
    async ({ partner, body }, [id = "", other = ""]) => ({
      status,
      document: await run(partner, [id, other], await body()),
    });
  return [
    [
      /^$/,
      {
        GET: async ({ partner }) => ({ status: 200, document: await api.list(partner) }),
        POST: async ({ req, partner, body }) => {
          const { id, document } = await api.create(partner, await body());
          const [path = ""] = (req.url ?? "").split("?", 1);
          return { status: 201, document, headers: { location: `${path}/${id}` } };
        },
      },
    ],
    [
      /^\/([^/]+)$/,
      {
        GET: async ({ partner }, [id = ""]) => ({ status: 200, document: await api.get(partner, id) }),
        PATCH: named(200, (partner, [id], body) => api.change(partner, id, body)),
        DELETE: async ({ partner }, [id = ""]) => {
          await api.remove(partner, id);
          return { status: 204 };
        },
      },
    ],
    [/^\/([^/]+)\/test$/, { POST: named(200, (partner, [id]) => api.test(partner, id)) }],
    [/^\/([^/]+)\/rotate-secret$/, { POST: named(200, (partner, [id], body) => api.rotateSecret(partner, id, body)) }],
    [/^\/([^/]+)\/replay$/, { POST: named(202, (partner, [id], body) => api.replaySince(partner, id, body)) }],
    [
      /^\/([^/]+)\/deliveries\/([^/]+)\/replay$/,
      { POST: named(202, (partner, [id, message]) => api.replayOne(partner, id, message)) },
    ],
    [/^\/([^/]+)\/deliveries$/, { GET: deliveries(api) }],
  ];
}

const deliveries =
  (api: WebhookApi): Handler =>
  async ({ partner, req }, [id = ""]) => {
    const page = await api.deliveries(partner, id, Object.fromEntries(new URLSearchParams(searchOf(req))));
    if (page.next === null) return { status: 200, document: page };
    return { status: 200, document: page, headers: { link: `<${nextPage(req, page.next)}>; rel="next"` } };
  };

function send(res: ServerResponse, { status, document, headers = {} }: Reply): void {
  const text = document === undefined ? "" : JSON.stringify(document);
  res.writeHead(status, {
    ...(document === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...(status === 204 ? {} : { "content-length": Buffer.byteLength(text) }),
    "cache-control": "no-store",
    vary: VARY,
    ...headers,
  });
  // Node leaves the body of an answer to HEAD out.
  res.end(text);
}
