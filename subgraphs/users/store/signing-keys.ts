import { exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { type DataSource, type EntityManager, IsNull, MoreThan } from "typeorm";
import { newId } from "../../../kit/ids";
import type { Logger } from "../../../kit/log";
import { SIGNING_ALGORITHM, type SigningKey } from "../domain/access-token";
import { createKeySeal, type KeySeal } from "./seal-key";
import { SigningKeyRow } from "./signing-key-row";

/** Any number, the same in every process that may make the first key. */
const SIGNING_KEYS_LOCK = 720_101;
/** Longer than an access token lives and a gateway keeps the JWKS. */
const RETIRED_PUBLISHED_MS = 3_600_000;

/**
 * The key to sign with: the newest that is not retired and that this secret opens. Made when there is none; of several processes that
 * start at once, one makes it and the others find it.
 *
 * A key sealed with another INTERNAL_SECRET is passed over, not retired: a process that was given a wrong secret must not invalidate
 * what the others sign.
 */
export function openSigningKey(source: DataSource, internalSecret: string, log: Logger): Promise<SigningKey> {
  const seal = createKeySeal(internalSecret);
  return source.transaction(async (manager) => {
    await manager.query("select pg_advisory_xact_lock($1)", [SIGNING_KEYS_LOCK]);
    const rows = await manager.find(SigningKeyRow, { where: { retiredAt: IsNull() }, order: { createdAt: "DESC" } });
    for (const { kid, privateJwkEncrypted } of rows) {
      const jwk = seal.open(kid, privateJwkEncrypted);
      if (jwk) return { kid, privateKey: await importJWK(jwk, SIGNING_ALGORITHM) };
      log.warn({ kid }, "a signing key was sealed with another secret and is not used");
    }
    return makeSigningKey(manager, seal, log);
  });
}

async function makeSigningKey(manager: EntityManager, seal: KeySeal, log: Logger): Promise<SigningKey> {
  const kid = newId();
  const { privateKey, publicKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  await manager.insert(SigningKeyRow, {
    kid,
    privateJwkEncrypted: seal.seal(kid, await exportJWK(privateKey)),
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: SIGNING_ALGORITHM, use: "sig" },
    createdAt: new Date(),
  });
  log.info({ kid }, "made a signing key");
  return { kid, privateKey };
}

/** What verifies the access tokens that are still alive, newest key first. https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export async function readJwks(source: DataSource): Promise<{ keys: JWK[] }> {
  const rows = await source.manager.find(SigningKeyRow, {
    where: [{ retiredAt: IsNull() }, { retiredAt: MoreThan(new Date(Date.now() - RETIRED_PUBLISHED_MS)) }],
    order: { createdAt: "DESC" },
  });
  return { keys: rows.map(({ publicJwk }) => publicJwk) };
}
