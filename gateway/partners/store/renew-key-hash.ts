import type { DataSource } from "typeorm";
import type { RenewHash } from "../keys/with-former-pepper";

export const createRenewHash =
  (source: DataSource): RenewHash =>
  async (keyId, from, to) => {
    const statement = "update api_keys set hash = $3 where id = $1 and hash = $2";
    const [, count] = await source.query<[unknown[], number]>(statement, [keyId, from, to]);
    return count > 0;
  };
