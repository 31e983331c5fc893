import http from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** Signs one token and publishes its key, so that the gateway's check is the real one. */
export interface IdentityServer {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Holds for a day. */
  readonly token: string;
  close(): void;
}

export async function startIdentityServer(): Promise<IdentityServer> {
  const [issuer, audience, kid] = ["https://identity.example", "graph", "key-1"];
  const { publicKey, privateKey } = await generateKeyPair("EdDSA");
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: "EdDSA", use: "sig" }] });
  const token = await new SignJWT({ scope: "shop:read" })
    .setProtectedHeader({ alg: "EdDSA", kid })
    .setSubject("user-1")
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime("1d")
    .sign(privateKey);
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(keys);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { jwksUrl: `http://127.0.0.1:${port}/jwks.json`, issuer, audience, token, close: () => void server.close() };
}
