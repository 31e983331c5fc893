import { createPublicKey, verify } from "node:crypto";
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** One request that a partner got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly id: string;
}

/** A partner's end of webhooks. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How requests are answered from now on: a status, or by hand. */
  answer: number | ((res: ServerResponse, received: Received, req: IncomingMessage) => void);
  /** Waits until so many requests have come. */
  got(count: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  let waiting: (() => void)[] = [];
  const receiver: Receiver = {
    url: "",
    received: [],
    answer: 204,
    got: async (count) => {
      while (receiver.received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return receiver.received;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const id = String(req.headers["webhook-id"]);
      const received = { path: req.url ?? "", headers: req.headers, text, id };
      receiver.received.push(received);
      const { answer } = receiver;
      if (typeof answer === "number") res.writeHead(answer).end();
      else answer(res, received, req);
      const all = waiting;
      waiting = [];
      all.forEach((resolve) => resolve());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(receiver, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` });
}

/** What a partner's code does first. @param nowMs of the partner's clock @throws unless the signature is right */
export function verified(
  secret: string,
  { text, headers }: Received,
  nowMs = Date.now(),
): { type: string; timestamp: string; data: unknown } {
  const clock = jest.spyOn(Date, "now").mockReturnValue(nowMs);
  try {
    return new Webhook(secret).verify(text, headers as Record<string, string>) as ReturnType<typeof verified>;
  } finally {
    clock.mockRestore();
  }
}

/** What a partner's code does first that was given a public key, `whpk_…`; the package for JavaScript knows no Ed25519. */
export function verifiesEd25519(publicKey: string, body: string, headers: Readonly<Record<string, unknown>>): boolean {
  const x = Buffer.from(publicKey.slice("whpk_".length), "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const signed = Buffer.from(`${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`);
  return String(headers["webhook-signature"])
    .split(" ")
    .filter((signature) => signature.startsWith("v1a,"))
    .some((signature) => verify(null, signed, key, Buffer.from(signature.slice("v1a,".length), "base64")));
}
