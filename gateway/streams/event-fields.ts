import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  valueFromASTUntyped,
} from "graphql";
import { EVENT_SPECIFICATION } from "../../schema/event-specification";
import { readEventDirective } from "../../schema/read-event-directive";
import { featureIdentity } from "../supergraph/runtime-view";
import type { EventField } from "./event-field";

/**
 * Reads every `@event` out of a full supergraph, under whatever name the supergraph imports it. Supergraphs without the directive have no streams.
 * @throws Error when a directive cannot be understood: serving it would leave subscribers waiting for ever
 */
export function readEventFields(supergraph: DocumentNode): ReadonlyMap<string, EventField> {
  const name = directiveName(supergraph);
  const fields = new Map<string, EventField>();
  if (name === undefined) return fields;
  for (const field of subscriptionFields(supergraph)) {
    const directive = field.directives?.find((candidate) => candidate.name.value === name);
    if (directive) fields.set(field.name.value, readEventField(field.name.value, directive));
  }
  return fields;
}

function readEventField(name: string, directive: ConstDirectiveNode): EventField {
  const { declaration, problems } = readEventDirective(directive);
  if (problems.length > 0) throw new Error(`@event of Subscription.${name} makes no sense: ${problems.join("; ")}.`);
  return { name, ...declaration };
}

function directiveName(document: DocumentNode): string | undefined {
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    const link = node.directives?.find((directive) => featureIdentity(directive) === EVENT_SPECIFICATION);
    if (link) return importedName(link);
  }
  return undefined;
}

/** `event` of `import: ["@event"]`, `live` of `import: [{ name: "@event", as: "@live" }]`, `event` when nothing is imported. */
function importedName(link: ConstDirectiveNode): string {
  const imports = link.arguments?.find(({ name }) => name.value === "import");
  const list = imports
    ? ([valueFromASTUntyped(imports.value)].flat() as (string | { name?: string; as?: string })[])
    : [];
  const imported = list.find((item) => typeof item === "object" && item.name === "@event");
  return typeof imported === "object" && imported.as ? imported.as.replace(/^@/, "") : "event";
}

function subscriptionFields(document: DocumentNode): readonly FieldDefinitionNode[] {
  const root =
    document.definitions
      .flatMap((node) => (node.kind === Kind.SCHEMA_DEFINITION ? node.operationTypes : []))
      .find(({ operation }) => operation === "subscription")?.type.name.value ?? "Subscription";
  return document.definitions
    .filter((node): node is ObjectTypeDefinitionNode => node.kind === Kind.OBJECT_TYPE_DEFINITION)
    .filter((node) => node.name.value === root)
    .flatMap((node) => node.fields ?? []);
}
