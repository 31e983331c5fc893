import http from "node:http";
import type { AddressInfo } from "node:net";
import { LogInDocument } from "../../../schema/generated/web";
import { logInToDemo } from "../demo-client";
import { findFreePorts } from "../free-ports";

describe("logInToDemo", () => {
  let server: http.Server;
  let url: string;
  let requests: { authorization?: string; query: string; variables: Record<string, unknown> }[];
  let answer: object;

  beforeEach(async () => {
    requests = [];
    server = http.createServer((request, response) => {
      let body = "";
      request.on("data", (text) => (body += String(text)));
      request.on("end", () => {
        const { authorization } = request.headers;
        requests.push({
          authorization,
          ...(JSON.parse(body) as { query: string; variables: Record<string, unknown> }),
        });
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    answer = { data: { logIn: { __typename: "AuthPayload", accessToken: "the token" } } };
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it("logs in as the demo customer and shows the token with every question", async () => {
    const client = await logInToDemo(url);
    expect(client.token).toBe("the token");
    await client.ask(LogInDocument, { email: "a", password: "b" });
    expect(requests[0]).toMatchObject({ authorization: undefined, variables: { email: "customer@tributary.test" } });
    expect(requests[1]).toMatchObject({ authorization: "Bearer the token" });
  });

  it("tells the accounts there are when it does not know one", async () => {
    await expect(logInToDemo(url, "me@home.test")).rejects.toThrow(
      /not a demo account; there are customer@tributary\.test/,
    );
    expect(requests).toEqual([]);
  });

  it("tells why it was refused", async () => {
    answer = { data: { logIn: { __typename: "InvalidCredentialsError", code: "X", message: "Wrong password." } } };
    await expect(logInToDemo(url)).rejects.toThrow("customer@tributary.test cannot log in: Wrong password.");
    answer = { errors: [{ message: "Unexpected error." }] };
    await expect(logInToDemo(url)).rejects.toThrow("Unexpected error.");
  });

  it("asks whether the platform is running when nothing answers", async () => {
    const [port] = await findFreePorts(1);
    await expect(logInToDemo(`http://127.0.0.1:${port}`)).rejects.toThrow('is "npm start" running there?');
  });
});
