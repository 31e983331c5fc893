import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}
interface OpenApiOperation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: { readonly required: boolean };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: unknown }>> }>>;
}

const createAjv = () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats(ajv);
  // Of the specification's own schema; only names of media types have it.
  ajv.addFormat("media-range", /^[^/\s]+\/[^/\s]+$/);
  return ajv;
};

/** @returns why it is no OpenAPI 3.1, by the specification's own schema; nothing when it is */
export function findOpenApiErrors(document: unknown): unknown[] {
  const file = require.resolve("@seriousme/openapi-schema-validator/schemas/v3.1/schema.json");
  const ajv = createAjv();
  const validate = ajv.compile(JSON.parse(readFileSync(file, "utf8")) as object);
  return validate(document) ? [] : (validate.errors ?? []);
}

/** Holds answers against what the document promises for them. */
export function createAnswerCheck(document: OpenApi) {
  const ajv = createAjv();
  ajv.addSchema(document, "api", undefined, false);
  const errorsAt = (value: unknown, pointer: readonly string[]): unknown[] => {
    const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")));
    const validate = ajv.compile({ $ref: `api#/${escaped.join("/")}` });
    return validate(value) ? [] : (validate.errors ?? []);
  };
  const templateOf = (verb: string, path: string): string | undefined =>
    Object.keys(document.paths)
      .filter((template) => document.paths[template]?.[verb])
      .filter((template) => new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`).test(path))
      .sort((a, b) => (a.match(/\{/g) ?? []).length - (b.match(/\{/g) ?? []).length)[0];

  /** @param path below the server's, without the query string @returns what does not fit */
  return (method: string, path: string, status: number, value: unknown): unknown[] => {
    if (status >= 400) return errorsAt(value, ["components", "schemas", "problem-document"]);
    const verb = method.toLowerCase();
    const template = templateOf(verb, path);
    const responses = template === undefined ? undefined : document.paths[template]?.[verb]?.responses;
    if (template === undefined || !responses) return [`${method} ${path} is not described`];
    if (status === 304) return responses["304"] ? [] : ["304 is not described"];
    return errorsAt(value, [
      "paths",
      template,
      verb,
      "responses",
      String(status),
      "content",
      "application/json",
      "schema",
    ]);
  };
}
