import { ERROR_CODES, type ErrorCode } from "../../../kit/errors";
import { escapeHtml } from "../../http/pages/html-page";
import { SCENARIO_NAMES } from "../test-mode/scenario";
import { KEY_PLACE } from "./call-examples";
import { codeBlock } from "./operations-fragment";

/** A part of the page that is the same for every partner. */
export interface GuideSection {
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

/** Partners neither write documents nor subscribe by socket. */
const isForPartners = (code: string) => !/^(SUBSCRIPTION_|PERSISTED_QUERY_NOT_(FOUND|SUPPORTED)$)/.test(code);

const code = (text: string) => `<code>${escapeHtml(text)}</code>`;

export const guideSections = (origin: string): readonly GuideSection[] => [
  {
    id: "calling",
    title: "Calling",
    html: `<p>You run <strong>registered operations</strong>: reviewed documents, each with an id that is the SHA-256 of its text. Anything else is refused. There are two ways to the same answer.</p>
<dl><dt>Plain HTTP</dt><dd>Every operation has a path. Queries are ${code("GET")} with an ${code("ETag")}; mutations are ${code("POST")} with a JSON body. An answer is whole, or it is a problem document.
${code('Link: …; rel="next"')} leads to the next page of a list. What your key can call is described by OpenAPI 3.1 at ${code("/partner/v1/openapi.json")}.</dd>
<dt>GraphQL by id</dt><dd>Send the id and the variables to ${code("/partner/v1/graphql")}. The persisted-query modes of Apollo Client, urql and Relay work as they are: the id may be spelled ${code("documentId")},
${code("extensions.persistedQuery.sha256Hash")}, ${code("id")}, ${code("doc_id")}, ${code("docId")} or ${code("queryId")}.</dd></dl>
<p>The key goes into ${code("Authorization: Bearer …")} or ${code("x-api-key")}. A ${code("trib_live_")} key works on real data, a ${code("trib_test_")} key on generated data. Every answer has an ${code("x-request-id")}: tell it when you ask for help.</p>`,
  },
  {
    id: "errors",
    title: "Errors",
    html: `<p>Over plain HTTP every refusal is a problem document (RFC 9457) with a stable ${code("code")}; through GraphQL the same code is in ${code("errors[].extensions.code")}.</p>
${codeBlock(`HTTP/1.1 404 Not Found
content-type: application/problem+json

{
  "type": "about:blank",
  "status": 404,
  "title": "Not Found",
  "detail": "There is no such thing, or none that you may see.",
  "code": "NOT_FOUND",
  "requestId": "01890000-0000-7000-8000-00000000abcd"
}`)}
<div class="scroll"><table><thead><tr><th>Code</th><th>What it means</th></tr></thead><tbody>${Object.entries(
      ERROR_CODES,
    )
      .filter(([name]) => isForPartners(name as ErrorCode))
      .map(([name, meaning]) => `<tr><td>${code(name)}</td><td>${escapeHtml(meaning)}</td></tr>`)
      .join("\n")}</tbody></table></div>`,
  },
  {
    id: "idempotency",
    title: "Trying again",
    html: `<p>A mutation needs an ${code("Idempotency-Key")}: a text of your own, 1 to 255 visible ASCII characters, new for each thing that you want done and the same whenever you try that again. The first call runs; every later
one has its answer, with ${code("Idempotent-Replayed: true")}. The same key with other variables is refused with 422, and while the first call still runs with 409.</p>
<p>Queries may be sent again at any time. ${code("503")} and ${code("429")} say in ${code("Retry-After")} when.</p>`,
  },
  {
    id: "quotas",
    title: "Quotas",
    html: `<p>Calls are counted in <strong>cost units</strong>: what an operation takes, not how many there are. Every answer says what is left:</p>
${codeBlock(`RateLimit-Policy: "partner";q=100000;w=60, "key";q=50000;w=60
RateLimit: "partner";r=99962;t=1, "key";r=49962;t=1`)}
<p>${code("q")} units in ${code("w")} seconds; ${code("r")} are left, and ${code("t")} seconds later there are more. Beyond that the answer is 429 ${code("QUOTA_EXCEEDED")} with ${code("Retry-After")}.</p>`,
  },
  {
    id: "webhooks",
    title: "Webhooks",
    html: `<p>Register an endpoint with one of your registered subscriptions at ${code("POST /partner/v1/webhooks")}, and each event is posted to it as exactly the document asks. Deliveries are signed by
<a href="https://www.standardwebhooks.com/" rel="noreferrer">Standard Webhooks</a>, come at least once, in order for each thing, and are tried again for a day. Check them with the secret that you are shown once:</p>
${codeBlock(`import { Webhook } from "standardwebhooks";

const event = new Webhook(process.env.WEBHOOK_SECRET).verify(rawBody, {
  "webhook-id": headers["webhook-id"],
  "webhook-timestamp": headers["webhook-timestamp"],
  "webhook-signature": headers["webhook-signature"],
});`)}
<p>With ${code('"signature": "v1a"')} messages are signed by Ed25519 and you get a public key in place of the secret. Answer with any 2xx within the time limit, and treat a ${code("webhook-id")} that you have seen as done.</p>`,
  },
  {
    id: "testing",
    title: "Testing",
    html: `<p>With a ${code("trib_test_")} key everything runs but the last step: no service is called and nothing changes. Answers are generated, and the same every day: a thing with an id has the same fields wherever it appears, and
what you send comes back. They have the header ${code("Tributary-Test-Mode: true")}.</p>
<p>Ask for something else than success with ${code("Tributary-Test-Scenario")}:</p>
<p class="chips">${SCENARIO_NAMES.map(code).join(" ")}</p>
${codeBlock(`curl ${origin}/partner/v1/… \\
  -H 'authorization: Bearer ${KEY_PLACE}' \\
  -H 'tributary-test-scenario: SUBGRAPH_UNAVAILABLE'`)}`,
  },
  {
    id: "agents",
    title: "Agents",
    html: `<p>Your operations are tools of the Model Context Protocol at ${code(`${origin}/partner/v1/mcp`)}, with the same key, scopes and quota. A tool that changes something takes the text that is the ${code("Idempotency-Key")} elsewhere as the argument ${code("idempotencyKey")}.</p>`,
  },
];
