import type { PlanNode, QueryPlan, QueryPlanSelectionNode, SubscriptionNode } from "@apollo/query-planner";
import { type DefinitionNode, Kind, parse, print, type SelectionSetNode } from "graphql";
import { entitySelection } from "./fetch-graph";

/** A plan as text, in the notation that Apollo's tools use: nested nodes, each fetch with what it requires and what it asks. */
export function printPlan(plan: QueryPlan): string {
  return `QueryPlan {${plan.node ? `\n${indent(printNode(plan.node))}\n` : ""}}`;
}

function printNode(node: PlanNode | SubscriptionNode): string {
  switch (node.kind) {
    case "Sequence":
    case "Parallel":
      return block(node.kind, node.nodes.map(printNode));
    case "Flatten":
      return block(`Flatten(path: "${node.path.join(".")}")`, [printNode(node.node)]);
    case "Fetch": {
      const requires = node.requires ? `${printRequires(node.requires)} =>\n` : "";
      const asked = printOperation(node.operation, node.requires !== undefined);
      return block(`Fetch(service: "${node.serviceName}")`, [`${requires}${asked}`]);
    }
    case "Condition": {
      const branch = (name: string, child: PlanNode | undefined) => (child ? [block(name, [printNode(child)])] : []);
      return block(`Condition(if: $${node.condition})`, [
        ...branch("Then", node.ifClause),
        ...branch("Else", node.elseClause),
      ]);
    }
    case "Defer": {
      const { primary, deferred } = node;
      return block("Defer", [
        block("Primary", primary.node ? [printNode(primary.node)] : []),
        ...deferred.map((part) =>
          block(`Deferred(path: "${part.queryPath.join(".")}")`, part.node ? [printNode(part.node)] : []),
        ),
      ]);
    }
    case "Subscription":
      return block("Subscription", [
        block("Primary", [printNode(node.primary)]),
        ...(node.rest ? [block("Rest", [printNode(node.rest)])] : []),
      ]);
  }
}

const block = (head: string, children: readonly string[]): string =>
  `${head} {\n${children.map((child) => `${indent(child)},\n`).join("")}}`;

const indent = (text: string): string => text.replace(/^(?=.)/gm, "  ");

/** Of a fetch of entities, what it asks of each: every such fetch asks for `_entities`. */
function printOperation(text: string, isOfEntities: boolean): string {
  const asked = (node: DefinitionNode): DefinitionNode | SelectionSetNode => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return node;
    return isOfEntities ? entitySelection(node) : node.selectionSet;
  };
  const { definitions } = parse(text, { noLocation: true });
  return definitions.map((node) => print(asked(node))).join("\n");
}

function printRequires(selections: readonly QueryPlanSelectionNode[]): string {
  const lines = selections.map((node) => {
    const inner = node.selections?.length ? ` ${printRequires(node.selections)}` : "";
    return node.kind === "Field" ? `${node.name}${inner}` : `... on ${node.typeCondition ?? ""}${inner}`;
  });
  return `{\n${indent(lines.join("\n"))}\n}`;
}
