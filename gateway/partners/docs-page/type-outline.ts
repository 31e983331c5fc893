import type { JsonSchema } from "../openapi/json-schema";

type Components = Readonly<Record<string, JsonSchema>>;

const REFERENCE = "#/components/schemas/";
const MAX_VALUES = 8;

/** What a JSON Schema of the partner API allows, in the manner of TypeScript: for people to read. */
export function typeOutline(schema: JsonSchema, components: Components, indent = ""): string {
  const { $ref, anyOf, type, items, properties } = schema;
  if (typeof $ref === "string") return nameOf($ref.slice(REFERENCE.length), components);
  if (Array.isArray(anyOf)) {
    return (anyOf as JsonSchema[]).map((one) => typeOutline(one, components, indent)).join(" | ");
  }
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (Array.isArray(type)) {
    return (type as string[])
      .map((one) => (one === "null" ? "null" : typeOutline({ ...schema, type: one }, components, indent)))
      .join(" | ");
  }
  if (type === "array") {
    const item = typeOutline((items ?? {}) as JsonSchema, components, indent);
    return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
  }
  if (type === "object") return objectOutline(schema, (properties ?? {}) as Components, components, indent);
  if (type === "integer" || type === "number") return "number";
  return typeof type === "string" ? type : "any";
}

function objectOutline(
  { required }: JsonSchema,
  properties: Components,
  components: Components,
  indent: string,
): string {
  const isRequired = new Set(Array.isArray(required) ? (required as string[]) : []);
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(
    ([name, of]) => `${inner}${name}${isRequired.has(name) ? "" : "?"}: ${typeOutline(of, components, inner)}`,
  );
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
}

/** Values are told where they are few; an input object only by its name, because it may hold itself. */
function nameOf(name: string, components: Components): string {
  const values = components[name]?.["enum"];
  if (!Array.isArray(values)) return name;
  const some = (values as string[]).slice(0, MAX_VALUES).map((value) => JSON.stringify(value));
  return [...some, ...(values.length > MAX_VALUES ? ["…"] : [])].join(" | ");
}
