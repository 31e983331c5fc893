import { exportJWK, generateKeyPair, type JWK, type KeyLike, SignJWT } from "jose";
import { listen } from "../../../kit/http/listen";
import { respondJson } from "../../../kit/http/respond";

/** Signs tokens and publishes the keys, as the service that owns users does. */
export interface TokenIssuer {
  readonly jwksUrl: string;
  /** Requests for the key set so far. */
  readonly fetches: () => number;
  /** From now on tokens are signed with a new key. @param publish false leaves it out of the key set */
  rotate(options?: { publish?: boolean }): Promise<void>;
  /** The keys published so far are no longer. */
  withdraw(): void;
  sign(claims?: Readonly<Record<string, unknown>>, header?: { alg?: string; kid?: string }): Promise<string>;
  /** The key set answers 503 until it is back. */
  goAway(): void;
  comeBack(): void;
  close(): Promise<void>;
}

export async function startTokenIssuer(algorithm: "EdDSA" | "RS256" | "ES256" = "EdDSA"): Promise<TokenIssuer> {
  let published: JWK[] = [];
  let current: { kid: string; privateKey: KeyLike };
  let serial = 0;
  let fetches = 0;
  let away = false;

  const rotate = async ({ publish = true } = {}) => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    current = { kid: `key-${++serial}`, privateKey };
    if (publish) published = [...published, { ...(await exportJWK(publicKey)), kid: current.kid, alg: algorithm }];
  };
  await rotate();
  const listener = await listen(
    (_req, res) => {
      fetches++;
      respondJson(res, away ? 503 : 200, away ? {} : { keys: published });
    },
    { port: 0, host: "127.0.0.1", drainMs: 0 },
  );
  return {
    jwksUrl: `http://127.0.0.1:${listener.port}/jwks.json`,
    fetches: () => fetches,
    rotate,
    withdraw: () => {
      published = [];
    },
    sign: (claims = {}, header = {}) => {
      const nowS = Math.floor(Date.now() / 1000);
      const all = { sub: "user-1", iss: "tributary", aud: "tributary", iat: nowS, exp: nowS + 60, ...claims };
      return new SignJWT(all)
        .setProtectedHeader({ alg: algorithm, kid: current.kid, ...header })
        .sign(current.privateKey);
    },
    goAway: () => {
      away = true;
    },
    comeBack: () => {
      away = false;
    },
    close: () => listener.close(),
  };
}
