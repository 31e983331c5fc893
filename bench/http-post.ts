import http from "node:http";

export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** Sends JSON to `/graphql` on this machine and reads the whole answer. */
export function postGraphql(agent: http.Agent, port: number, body: string | Buffer): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        agent,
        port,
        host: "127.0.0.1",
        path: "/graphql",
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
