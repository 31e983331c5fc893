import { ANSWERERS } from "./answerers";
import { type DifferentialCase, judge } from "./differential-case";

/** A case that once went wrong: the engine must answer it as the monolith does. */
export async function expectAgreement(subject: DifferentialCase): Promise<void> {
  const [engine] = ANSWERERS;
  const verdict = await judge(subject, engine!);
  if (!verdict) throw new Error("the case does not compose, or its operation is not valid");
  expect({ disagreements: verdict.disagreements, answer: verdict.outcome }).toEqual({
    disagreements: [],
    answer: verdict.outcome,
  });
}
