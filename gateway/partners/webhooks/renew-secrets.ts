import type { Logger } from "../../../kit/log";
import type { SecretSealer } from "./webhook-secret";
import type { EndpointStore, StoredSecret } from "./webhook-store";

const AT_ONCE = 500;

/** Seals every secret under the key of now that is sealed under the one before, so that this one can be taken away. Gateways may do it at the same time. */
export async function renewSecrets(options: {
  endpoints: Pick<EndpointStore, "sealedSecrets" | "reseal">;
  sealer: Pick<SecretSealer, "renew">;
  log: Logger;
}): Promise<void> {
  const { endpoints, sealer, log } = options;
  let renewed = 0;
  const unreadable: string[] = [];
  const renew = ({ sealed, endpointId }: StoredSecret): string | undefined => {
    try {
      return sealer.renew(sealed, endpointId);
    } catch {
      unreadable.push(endpointId);
      return undefined;
    }
  };
  for (let after: string | undefined, isOver = false; !isOver;) {
    const page = await endpoints.sealedSecrets(after, AT_ONCE);
    for (const secret of page) {
      const sealed = renew(secret);
      if (sealed !== undefined && (await endpoints.reseal(secret, sealed))) renewed++;
    }
    after = page.at(-1)?.id;
    isOver = page.length < AT_ONCE;
  }
  if (renewed > 0) log.info({ secrets: renewed }, "secrets of webhooks are sealed under the present pepper");
  if (unreadable.length > 0) {
    log.error(
      { endpoints: unreadable },
      "secrets of webhooks can be read under neither pepper; their partners must rotate them",
    );
  }
}
