import type { Document } from "mongodb";

/** The stages of a winning plan from the outside in; of a server with its own engine names below `queryPlan`. */
export function stagesOf(explained: Document): string[] {
  const planner = explained.queryPlanner ?? explained.stages?.[0]?.$cursor?.queryPlanner;
  const stages: string[] = [];
  const visit = (stage: Document | undefined): void => {
    if (!stage) return;
    if (stage.stage) stages.push(stage.stage);
    visit(stage.queryPlan);
    visit(stage.inputStage);
    for (const input of stage.inputStages ?? []) visit(input);
  };
  visit(planner.winningPlan);
  return stages;
}
