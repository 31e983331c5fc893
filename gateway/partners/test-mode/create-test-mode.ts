import { buildSchema, type GraphQLSchema } from "graphql";
import type { Generation, Generations } from "../../generation";
import type { Answer, Call, CallStage, RunCall } from "../calls/call";
import { CallRefused } from "../calls/call-refused";
import { createSampleOperations } from "./sample-operations";
import { readScenario, type Scenario, SCENARIO_HEADER } from "./scenario";

/**
 * Answers calls with test keys from generated data. They run as live ones do, under the same limits, rules and scopes, but for the last step: nothing
 * is planned and no service is called.
 *
 * @param options.runOn what runs calls on the graph, for a graph that this changes
 */
export function createTestMode(options: {
  generations: Generations;
  runOn: (generations: Generations) => RunCall;
}): CallStage {
  const { generations, runOn } = options;
  /** By graph: it goes with the generation. */
  const samples = new WeakMap<Generation, ReturnType<typeof createSampleOperations>>();
  const samplesOf = (generation: Generation) => {
    const known = samples.get(generation) ?? createSampleOperations(schemaOf(generation));
    samples.set(generation, known);
    return known;
  };
  /** There are as many as there are scenarios. */
  const runs = new Map<string, RunCall>();
  const runFor = (scenario: Scenario | undefined): RunCall => {
    const name = scenario?.kind === "field-error" ? scenario.code : (scenario?.kind ?? "");
    const onSamples = {
      ...generations,
      current: () => {
        const generation = generations.current();
        return { ...generation, operations: samplesOf(generation)(scenario) };
      },
    };
    const run = runs.get(name) ?? runOn(onSamples);
    runs.set(name, run);
    return run;
  };

  const sample = async (call: Call, scenario: Scenario | undefined): Promise<Answer> => {
    if (scenario?.kind === "refused") {
      const { status, code, message, headers } = scenario;
      throw new CallRefused(status, code, message, headers ? { headers } : {});
    }
    if (scenario?.kind === "slow") await wait(scenario.waitMs, call);
    return runFor(scenario?.kind === "slow" ? undefined : scenario)(call);
  };

  return (call, next) => {
    const { mode } = call.partner;
    const scenario = readScenario(mode, call.header(SCENARIO_HEADER));
    return mode === "test" ? sample(call, scenario) : next(call);
  };
}

/** One of its own: the fields of the one that is served are Apollo Server's to resolve. It was printed from a schema that is valid. */
const schemaOf = ({ supergraph }: Generation): GraphQLSchema =>
  buildSchema(supergraph.apiSdl, { assumeValid: true, noLocation: true });

/** At most as long as the caller waits. */
const wait = (ms: number, { signal }: Call): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal?.addEventListener("abort", end, { once: true });
  });
