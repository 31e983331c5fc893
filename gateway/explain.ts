import { ConfigError } from "../kit/config";
import { ExplainError } from "./explain/explain-error";
import { runExplain } from "./explain/run-explain";
import { SupergraphError } from "./supergraph/supergraph-error";

const isOperatorsError = (error: unknown): error is Error =>
  [ExplainError, ConfigError, SupergraphError].some((kind) => error instanceof kind);

runExplain({ argv: process.argv.slice(2), env: process.env })
  .then((text) => console.log(text))
  .catch((error: unknown) => {
    console.error(isOperatorsError(error) ? error.message : error);
    process.exitCode = 1;
  });
