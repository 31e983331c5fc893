import { type FieldDefinitionNode, Kind, parse, type SelectionSetNode, visit } from "graphql";
import { createDraw } from "./draw";
import { generateSubgraphs } from "./generate-subgraphs";

const GRAPHS = 400;

/** What `@requires` selects on each field of a subgraph that has it. */
function requirementsOf(sdl: string): SelectionSetNode[] {
  const found: SelectionSetNode[] = [];
  const read = ({ directives = [] }: FieldDefinitionNode): void => {
    for (const { name, arguments: given = [] } of directives) {
      const value = given[0]?.value;
      if (name.value !== "requires" || value?.kind !== Kind.STRING) continue;
      const [operation] = parse(`{${value.value}}`).definitions;
      if (operation?.kind === Kind.OPERATION_DEFINITION) found.push(operation.selectionSet);
    }
  };
  visit(parse(sdl), { FieldDefinition: read });
  return found;
}

const requirements = Array.from({ length: GRAPHS }, (_, seed) => generateSubgraphs(createDraw(seed))).flatMap(
  (subgraphs) => subgraphs.flatMap(({ sdl }) => requirementsOf(sdl)),
);

describe("what generated graphs require", () => {
  // Composition lets it pass, but a representation has one place for a field: no answer would be the right one.
  it("is each field once, so that it cannot contradict itself", () => {
    for (const { selections } of requirements) {
      const names = selections.flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []));
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("is one field or several, leaves, objects, with arguments and without", () => {
    const fields = requirements.flatMap(({ selections }) => selections.filter((node) => node.kind === Kind.FIELD));
    expect(requirements.some(({ selections }) => selections.length > 1)).toBe(true);
    for (const has of [
      fields.some(({ selectionSet }) => selectionSet),
      fields.some(({ selectionSet }) => !selectionSet),
      fields.some(({ arguments: given = [] }) => given.length > 0),
      fields.some(({ arguments: given = [] }) => given.length === 0),
    ]) {
      expect(has).toBe(true);
    }
  });
});
