import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { ExpectedError } from "./bootstrap/expected-error.cjs";

/** Made once per data directory. The password is the embedded PostgreSQL's. */
const shape = z.object({
  INTERNAL_SECRET: z.string().min(32),
  CURSOR_SECRET: z.string().min(32),
  PARTNER_KEY_PEPPER: z.string().min(32),
  postgresPassword: z.string().min(16),
});

export type Secrets = Readonly<z.infer<typeof shape>>;

/**
 * Reads `secrets.json` of the data directory, or generates it; only this user may read it. The file appears whole or
 * not at all: with half of it the database could not be opened any more.
 */
export function readOrCreateSecrets(dataDirectory: string): Secrets {
  const file = path.join(dataDirectory, "secrets.json");
  if (!fs.existsSync(file)) {
    const generate = () => randomBytes(32).toString("base64url");
    const secrets: Secrets = {
      INTERNAL_SECRET: generate(),
      CURSOR_SECRET: generate(),
      PARTNER_KEY_PEPPER: generate(),
      postgresPassword: generate(),
    };
    fs.writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
    fs.renameSync(`${file}.new`, file);
  }
  return parse(file);
}

function parse(file: string): Secrets {
  try {
    return Object.freeze(shape.parse(JSON.parse(fs.readFileSync(file, "utf8"))));
  } catch (cause) {
    const sentence = `${file} is damaged; restore it, or remove the whole data directory (TRIBUTARY_DATA_DIR) to begin anew.`;
    throw new ExpectedError(sentence, { cause });
  }
}
