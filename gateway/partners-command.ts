import { text } from "node:stream/consumers";
import { ConfigError } from "../kit/config";
import { CommandError } from "./partners/command/command-error";
import { runPartners } from "./partners/command/run-partners";
import { SupergraphError } from "./supergraph/supergraph-error";

const isOperatorsError = (error: unknown): error is Error =>
  [CommandError, ConfigError, SupergraphError].some((kind) => error instanceof kind);

runPartners({ argv: process.argv.slice(2), env: process.env, input: () => text(process.stdin) })
  .then((printed) => console.log(printed))
  .catch((error: unknown) => {
    console.error(isOperatorsError(error) ? error.message : error);
    process.exitCode = 1;
  });
