import { connect, type Socket } from "node:net";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";

const PARTS = "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9";
const QUERY = `query ($put: Boolean = true) {
  product { name ...R @defer(label: "later", if: $put) }
}
fragment R on Product { reviews { stars } broken }`;

/** A gate that calls wait at. */
function createGate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

let gate = createGate();
let arrived = createGate();
let products: FakeSubgraph;
let reviews: FakeSubgraph;

beforeAll(async () => {
  products = await startFakeSubgraph({
    name: "products",
    sdl: `${federationLink('["@key", "@authenticated"]')}
      type Query { product: Product secret: Product @authenticated }
      type Mutation { touch: Product }
      type Subscription { changed: Product }
      type Product @key(fields: "id") { id: ID! name: String }`,
    resolvers: {
      Query: { product: () => ({ id: "1", name: "ä product" }) },
      Mutation: { touch: () => ({ id: "1", name: "touched" }) },
    },
  });
  reviews = await startFakeSubgraph({
    name: "reviews",
    sdl: `${federationLink('["@key"]')}
      type Query { latest: Int }
      type Review { stars: Int! }
      type Product @key(fields: "id") { id: ID! reviews: [Review!] broken: String }`,
    before: () => {
      arrived.open();
      return gate.opened;
    },
    resolvers: {
      Product: {
        reviews: () => [{ stars: 5 }],
        broken: () => {
          throw new Error("row 7");
        },
      },
    },
  });
});
afterAll(() => Promise.all([products.close(), reviews.close()]));
beforeEach(() => {
  gate = createGate();
  arrived = createGate();
});

describe("deferred answers", () => {
  let gateway: TestGateway;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway({ subgraphs: [products, reviews] });
  });
  afterEach(() => {
    gate.open();
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => gateway.close());

  /** Bytes as they are: what was received so far, and a wait for more. */
  const send = (body: object, accept = PARTS) => {
    const text = JSON.stringify(body);
    const socket = connect(gateway.port, "127.0.0.1");
    sockets.push(socket);
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\nx-request-id: the-same\r\n` +
        `accept: ${accept}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
    let received = "";
    let onMore = () => {};
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      received += chunk;
      onMore();
    });
    const ended = new Promise<string>((resolve) => socket.on("close", () => resolve(received)));
    const until = async (text: string) => {
      while (!received.includes(text)) await new Promise<void>((resolve) => (onMore = resolve));
      return received;
    };
    return { socket, until, ended };
  };

  /** The body without the frames of chunked transfer. */
  const bodyOf = (answer: string) => {
    const [head = "", ...rest] = answer.split("\r\n\r\n");
    const framed = rest.join("\r\n\r\n");
    return {
      head,
      body: framed.replace(/(^|\r\n)[0-9a-f]+\r\n([^]*?)(?=\r\n[0-9a-f]+\r\n)/g, "$2").replace(/\r\n0\r\n\r\n$/, ""),
    };
  };

  it.each(["cold", "warm"])("come in parts, each when it is ready: %s", async () => {
    const { until, ended } = send({ query: QUERY });
    await arrived.opened;
    expect(await until('"hasNext":true}\r\n---\r\n')).not.toContain("stars");
    gate.open();
    const { head, body } = bodyOf(await ended);
    expect(head).toContain("HTTP/1.1 200 OK");
    expect(head).toContain('content-type: multipart/mixed; boundary="-"; deferSpec=20220824');
    expect(head).toContain("cache-control: no-store");
    const type = "content-type: application/json; charset=utf-8\r\n\r\n";
    const error =
      '{"message":"Unexpected error.","path":["product","broken"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"the-same"}}';
    expect(body).toBe(
      `\r\n---\r\n${type}{"data":{"product":{"name":"ä product"}},"hasNext":true}\r\n---\r\n` +
        `${type}{"incremental":[{"data":{"reviews":[{"stars":5}],"broken":null},"path":["product"],"label":"later","errors":[${error}]}],"hasNext":true}\r\n---\r\n` +
        `${type}{"hasNext":false}\r\n-----\r\n`,
    );
  });

  it.each([
    ["that takes no parts", "application/json", {}],
    ["that takes anything", "*/*", {}],
    ["that takes parts of another kind", "multipart/mixed;deferSpec=20991231, application/json", {}],
    ["that does not want parts", "multipart/mixed;deferSpec=20220824;q=0, application/json", {}],
    ["whose variables put nothing off", "multipart/mixed;deferSpec=20220824, application/json", { put: false }],
  ])("are one answer for a client %s", async (_what, accept, variables) => {
    gate.open();
    for (let time = 0; time < 2; time++) {
      const { headers, body } = await gateway.post({ query: QUERY, variables }, { accept });
      expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(body.data).toEqual({ product: { name: "ä product", reviews: [{ stars: 5 }], broken: null } });
      expect(body.errors).toHaveLength(1);
    }
  });

  it.each([
    ["an unknown field", "{ product { name ... @defer { nme } } }", 400, "GRAPHQL_VALIDATION_FAILED"],
    ["no GraphQL", "{ product { ... @defer { name }", 400, "GRAPHQL_PARSE_FAILED"],
    [
      "a label given twice",
      '{ product { ... @defer(label: "a") { name } ... @defer(label: "a") { broken } } }',
      400,
      "GRAPHQL_VALIDATION_FAILED",
    ],
    [
      "a label in a variable",
      "query ($l: String) { product { ... @defer(label: $l) { name } } }",
      400,
      "GRAPHQL_VALIDATION_FAILED",
    ],
    ["a deferred mutation", "mutation { ... @defer { touch { name } } }", 400, "GRAPHQL_VALIDATION_FAILED"],
    ["a deferred event", "subscription { changed { ... @defer { name } } }", 400, "GRAPHQL_VALIDATION_FAILED"],
    ["a missing variable", "query ($b: Boolean!) { product { ... @defer(if: $b) { name } } }", 400, "BAD_USER_INPUT"],
  ])("%s is refused as everywhere", async (_what, query, status, code) => {
    for (let time = 0; time < 2; time++) {
      const answer = await gateway.post({ query }, { accept: PARTS });
      expect([answer.status, answer.body.errors?.[0]?.extensions["code"]]).toEqual([status, code]);
      expect(answer.headers.get("content-type")).toMatch(/^application\/(graphql-response\+)?json; charset=utf-8$/);
      const plain = await gateway.post({ query });
      expect(plain.body).toEqual(answer.body);
    }
  });

  it("fields that the caller may not have stay hidden, in one answer", async () => {
    gate.open();
    const query = "{ product { name } secret { name ... @defer { reviews { stars } } } }";
    const { body } = await gateway.post({ query }, { accept: PARTS });
    expect(body.data).toEqual({ product: { name: "ä product" }, secret: null });
    expect(body.errors?.map(({ extensions }) => extensions["code"])).toEqual(["UNAUTHENTICATED"]);
  });

  it("a client that takes nothing but parts is refused what has none", async () => {
    const answer = await gateway.post(
      { query: "{ product { name } }" },
      { accept: "multipart/mixed;deferSpec=20220824" },
    );
    expect(answer.status).toBe(406);
  });

  it("a client that goes between two parts leaves no call behind", async () => {
    const from = gateway.lines.length;
    const { socket, until } = send({ query: QUERY });
    await arrived.opened;
    await until('"hasNext":true}');
    socket.destroy();
    await gateway.logged("a call to a subgraph was given up", from);
    expect(await gateway.logged("request answered", from)).toMatchObject({ status: 499 });
    gate.open();
    expect((await gateway.post({ query: "{ product { name } }" })).status).toBe(200);
  });
});

describe("without the warm door", () => {
  it("deferred answers come in parts all the same", async () => {
    gate.open();
    const gateway = await startTestGateway({ subgraphs: [products, reviews], env: { WARM_DOOR: "false" } });
    try {
      const answer = await fetch(`${gateway.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: PARTS },
        body: JSON.stringify({ query: QUERY }),
      });
      expect(answer.headers.get("content-type")).toBe('multipart/mixed; boundary="-"; deferSpec=20220824');
      expect(await answer.text()).toContain('"incremental":[{"data":{"reviews":[{"stars":5}]');
      const whole = await gateway.post({ query: QUERY, variables: { put: false } }, { accept: PARTS });
      expect(whole.body.data).toEqual({ product: { name: "ä product", reviews: [{ stars: 5 }], broken: null } });
    } finally {
      await gateway.close();
    }
  });
});

describe("with the stock executor", () => {
  it("a document that defers is refused, and says why", async () => {
    gate.open();
    const gateway = await startTestGateway({ subgraphs: [products, reviews], env: { EXECUTOR: "stock" } });
    try {
      for (const accept of [PARTS, "application/json"]) {
        const { status, body } = await gateway.post({ query: QUERY }, { accept });
        expect([status, body.errors?.[0]?.extensions["code"]]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
        expect(body.errors?.[0]?.message).toContain("@defer");
      }
      expect((await gateway.post({ query: "{ product { name } }" })).status).toBe(200);
    } finally {
      await gateway.close();
    }
  });
});
