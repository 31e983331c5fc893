import { parseArgs } from "node:util";
import { logInToDemo } from "./demo-client";

/** `node dist/deploy/local/log-in.js [--url URL] [EMAIL]`: prints an access token of a demo account, for curl. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { url: { type: "string", default: "http://localhost:4000" } },
    allowPositionals: true,
  });
  const { token } = await logInToDemo(values.url, positionals[0]);
  process.stdout.write(`${token}\n`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
