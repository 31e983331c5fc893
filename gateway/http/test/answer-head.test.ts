import http from "node:http";
import type { AddressInfo } from "node:net";
import { AnswerHead } from "../answer-head";

/** What a client gets of an answer that is written so. */
async function answeredWith(write: (head: AnswerHead, res: http.ServerResponse) => void): Promise<Response> {
  const server = http.createServer((_req, res) => {
    write(new AnswerHead(res), res);
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    await response.arrayBuffer();
    return response;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("the head of an answer", () => {
  it("is written with its status, each header once and with its last value", async () => {
    const { status, headers } = await answeredWith((head) => {
      head.set("x-one", "1");
      head.setHeader("vary", "Origin");
      head.set("x-one", "2");
      expect([head.get("x-one"), head.get("vary"), head.get("x-two")]).toEqual(["2", "Origin", undefined]);
      head.write(202);
    });
    expect([status, headers.get("x-one"), headers.get("vary")]).toEqual([202, "2", "Origin"]);
  });

  it("can be moved to the response before or between, for whoever writes it in another way", async () => {
    const { status, headers } = await answeredWith((head, res) => {
      head.set("x-one", "1");
      head.set("x-two", "1");
      head.move();
      head.set("x-two", "2");
      head.move();
      res.setHeader("x-three", 3);
      expect([head.get("x-one"), head.get("x-two"), head.get("x-three")]).toEqual(["1", "2", "3"]);
      res.writeHead(404, { "x-one": "4" });
    });
    expect([status, ...["x-one", "x-two", "x-three"].map((name) => headers.get(name))]).toEqual([404, "4", "2", "3"]);
  });

  it("that was moved can be written as well", async () => {
    const { status, headers } = await answeredWith((head) => {
      head.set("x-one", "1");
      head.move();
      head.write(201);
    });
    expect([status, headers.get("x-one")]).toEqual([201, "1"]);
  });

  it("is not written with a value that would begin a line of its own; the error in its place is answered with the others", async () => {
    const { headers } = await answeredWith((head) => {
      head.set("x-zero", "0");
      head.set("x-one", "1\r\nx-two: 2");
      expect(() => head.write(200)).toThrow("Invalid character");
      head.move();
    });
    expect(["x-zero", "x-one", "x-two"].map((name) => headers.get(name))).toEqual(["0", null, null]);
  });
});
