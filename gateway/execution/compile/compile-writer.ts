import {
  getNamedType,
  type GraphQLLeafType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { AnswerShape } from "../layout/answer-shape";
import type { Position } from "../layout/position";
import type { Site } from "../layout/site";
import type { Fetch } from "../plan/fetch";
import { type OutputField, type Selection, typeForAll } from "../../operation/output-fields";
import { asObject, either, elementOf, type ExecutionState } from "../run/state";
import { type Held, identity, knowing, readLatest, readTypename } from "./held";
import { createNames, evaluate, own, quote, readKey } from "./source-text";
import { inOnePiece, writePlainString, writeString, writeValue } from "./write-json";

/**
 * Writes the JSON text of `data` straight from the answers of the subgraphs, and counts its objects in the state.
 * @throws NOT_AS_EXPECTED as soon as anything is missing, null where it may not be, or of a wrong type: the careful writer knows what to do then
 */
export type Writer = (state: ExecutionState) => string;

/** Thrown as it is, since an Error would spend its time on a stack that nobody reads. */
export const NOT_AS_EXPECTED = Symbol("an answer is not as expected");

export interface CompiledWriter {
  readonly write: Writer;
  /** For answers none of whose strings needs an escape. */
  readonly writePlain: Writer;
  /** Characters of generated code. */
  readonly size: number;
}

export interface WriterOptions extends AnswerShape {
  readonly sites: readonly Site[];
}

/** A run of fewer values is written as quickly as it is found. */
const WORTH_KEEPING = 2;
/** Longer code would cost more to compile than it saves. */
const MAX_CODE = 1_000_000;

/** @returns undefined when the code would be too long */
export function compileWriter(options: WriterOptions): CompiledWriter | undefined {
  const { schema, types, rootType, selection, root, sites, siteOf, responseKey } = options;
  const functionName = createNames("w");
  const variableName = createNames("v");
  const functions: string[] = [];
  const known = new Map<Selection, Map<Position, Map<GraphQLNamedType, string>>>();
  const enums = new Map<GraphQLLeafType, string>();
  const enumValues: ReadonlySet<unknown>[] = [];
  /** How many runs of parts are kept for each class of a site. */
  const keptTexts = new Map<Site, number>();
  let size = 0;

  /** @returns the expression of a leaf's text; `v` is a variable that holds the value, which is not null */
  const leafText = (type: GraphQLLeafType, v: string): string => {
    if (isEnumType(type)) {
      let name = enums.get(type);
      if (name === undefined) {
        name = `enums[${enumValues.length}]`;
        enums.set(type, name);
        enumValues.push(new Set(type.getValues().map((value) => value.name)));
      }
      return `(${name}.has(${v})?'"'+${v}+'"':bad())`;
    }
    switch (type.name) {
      case "Int":
        return `((${v}|0)===${v}?""+${v}:bad())`;
      case "Float":
        return `(typeof ${v}==="number"&&isFinite(${v})?""+${v}:bad())`;
      case "Boolean":
        return `(${v}===true?"true":${v}===false?"false":bad())`;
      case "String":
        return `(typeof ${v}==="string"?string(${v}):bad())`;
      case "ID":
        return `(typeof ${v}==="string"?string(${v}):Number.isInteger(${v})?'"'+${v}+'"':bad())`;
      default:
        return `(${v}===undefined?bad():writeValue(${v}))`;
    }
  };

  /** Code that appends a value to `o`. @param values variables that hold what the sources say of it */
  const writeOutput = (
    type: GraphQLOutputType,
    values: readonly Held[],
    position: Position,
    below: Selection | undefined,
  ): string => {
    const isNullable = !isNonNullType(type);
    const inner = isNonNullType(type) ? type.ofType : type;
    const variables = values.map(({ variable }) => variable);
    const isNull = variables.map((v) => `${v}===null`).join("||") || "false";
    const otherwise = isNullable ? `else if(${isNull})o+="null";else bad();` : "else bad();";

    if (isLeafType(inner)) {
      const [v = "undefined"] = variables;
      const text = leafText(inner, v);
      return `o+=${isNullable ? `${v}===null?"null":` : `${v}===null?bad():`}${text};`;
    }
    if (isListType(inner)) {
      const index = variableName();
      const length = variableName();
      const next = position.at("@");
      const elements = values.map(({ source, variable }) => ({
        held: {
          source: next.base.find(({ fetch }) => fetch === source.fetch) ?? source,
          variable: variableName(),
          isCertain: false,
        },
        from: variable,
      }));
      const reads = elements.map(({ held, from }) =>
        elements.length === 1
          ? `const ${held.variable}=${from}[${index}];`
          : `const ${held.variable}=elementOf(${from},${index});`,
      );
      const isArray = variables.map((v) => `Array.isArray(${v})`).join("||") || "false";
      const lengths = variables.map((v) => `Array.isArray(${v})?${v}.length:`).join("");
      const body = writeOutput(
        inner.ofType,
        elements.map(({ held }) => held),
        next,
        below,
      );
      return (
        `if(${isArray}){o+="[";for(let ${index}=0,${length}=${lengths}0;${index}<${length};${index}++){` +
        `if(${index}>0)o+=",";${reads.join("")}${body}}o+="]";}${otherwise}`
      );
    }
    if (!below) throw new Error(`the operation selects nothing of ${inner.name}`);
    const objects = values.map(({ source, variable }) => ({ source, from: variable, variable: variableName() }));
    const reads = objects.map(({ variable, from }) => `const ${variable}=asObject(${from});`).join("");
    const found = objects.map(({ variable }) => `${variable}!==undefined`).join("||") || "false";
    // In the order of the position's base sources, which is the order of the function's parameters.
    const given = position.base.map(
      ({ fetch }) => objects.find(({ source }) => source.fetch === fetch)?.variable ?? "undefined",
    );
    const write = objectWriter(inner, below, position, objects.length === 1 && position.base.length === 1);
    return `${reads}if(${found})o+=${write}(${["state", ...given].join(",")});${otherwise}`;
  };

  /** @returns the name of a function of the state and the position's base sources */
  const objectWriter = (type: GraphQLNamedType, set: Selection, position: Position, isCertain: boolean): string => {
    const byPosition = known.get(set) ?? new Map<Position, Map<GraphQLNamedType, string>>();
    known.set(set, byPosition);
    const byType = byPosition.get(position) ?? new Map<GraphQLNamedType, string>();
    byPosition.set(position, byType);
    const existing = byType.get(type);
    if (existing !== undefined) return existing;
    const name = functionName();
    byType.set(type, name);

    const base = position.base.map((source): Held => ({ source, variable: variableName(), isCertain }));
    const { code, ...object } = join(position, base);
    const { held } = object;
    const parameters = ["state", ...base.map(({ variable }) => variable)].join(",");
    let body: string;
    if (isAbstractType(type)) {
      const possibleTypes = schema.getPossibleTypes(type);
      const cases = possibleTypes.map(
        (possible) => `case ${quote(possible.name)}:{${fieldsText(possible, set, position, object)}}`,
      );
      const any = typeForAll(set, possibleTypes);
      if (any) cases.push(`case undefined:case ${quote(type.name)}:{${fieldsText(any, set, position, object)}}`);
      body = `switch(${readTypename(held)}){${cases.join("")}default:return bad();}`;
    } else {
      if (!isObjectType(type)) throw new Error(`${type.name} has no fields`);
      body = fieldsText(type, set, position, object);
    }
    const text = `function ${name}(${parameters}){${code}${body}}`;
    size += text.length;
    functions.push(text);
    return name;
  };

  /** Adds the fetches that join at the position to an object's sources. */
  const join = (position: Position, base: readonly Held[]): { code: string } & HeldObject => {
    const classes = new Map<Site, ObjectClass>();
    const joined: Held[] = [];
    let code = "";
    for (const source of position.joined) {
      const site = siteOf.get(source.fetch);
      if (!site) continue;
      let found = classes.get(site);
      if (found === undefined) {
        found = { site, state: variableName(), variable: variableName() };
        classes.set(site, found);
        code += `const ${found.state}=state.sites[${site.index}];`;
        code += `const ${found.variable}=${found.state}===undefined?-1:${found.state}.locate(${identity(site, base)});`;
      }
      const variable = variableName();
      code += `const ${variable}=${found.variable}<0?undefined:asObject(state.entities[${source.fetch.index}]?.[${found.variable}]);`;
      joined.push({ source, variable, isCertain: false });
    }
    return { code, held: [...base, ...joined], classes: [...classes.values()] };
  };

  const fieldsText = (type: GraphQLObjectType, set: Selection, position: Position, object: HeldObject): string => {
    const { held, classes } = object;
    const parts: Part[] = [{ code: 'o+="{";', settledBy: classes, values: 0 }];
    set.fieldsOf(type).forEach((field, i) => {
      const key = `${i > 0 ? "," : ""}${quote(responseKey(field.key))}:`;
      parts.push({ code: `o+=${quote(key)};`, settledBy: classes, values: 0 });
      const isSettled = ({ site }: ObjectClass) => isSettledBy(site, siteOf, position, held, field);
      parts.push({ code: fieldText(type, field, position, held), settledBy: classes.filter(isSettled), values: 1 });
    });
    parts.push({ code: 'o+="}";', settledBy: classes, values: 0 });
    return `let o="";state.objects++;${runsOf(parts).map(runText).join("")}return o;`;
  };

  /** Code that appends a run of parts, those of one class once. */
  const runText = ({ code, values, settledBy: [by] }: Part): string => {
    if (!by || values < WORTH_KEEPING) return code;
    const [texts, text, before] = [variableName(), variableName(), variableName()];
    const place = keptTexts.get(by.site) ?? 0;
    keptTexts.set(by.site, place + 1);
    return (
      `const ${texts}=${by.variable}<0?[]:(${by.state}.texts[${place}]??=[]);let ${text}=${texts}[${by.variable}];` +
      `if(${text}===undefined){const ${before}=o;o="";${code}${text}=inOnePiece(o);if(${by.variable}>=0)${texts}[${by.variable}]=${text};o=${before};}o+=${text};`
    );
  };

  const fieldText = (
    type: GraphQLObjectType,
    { key, name, definition, selection: below }: OutputField,
    position: Position,
    held: readonly Held[],
  ): string => {
    if (!definition) {
      return name === "__typename" ? `o+=${quote(quote(type.name))};` : `o+=state.introspection[${quote(key)}]??bad();`;
    }
    const next = position.at(key);
    if (isLeafType(getNamedType(definition.type))) {
      const variable = variableName();
      const [latest] = knowing(held, key);
      const read = `const ${variable}=${readLatest(held, key)};`;
      const values = latest ? [{ source: latest.source, variable, isCertain: false }] : [];
      return `${read}${writeOutput(definition.type, values, next, undefined)}`;
    }
    const values = next.base.flatMap((source) => {
      const from = held.find((one) => one.source.fetch === source.fetch);
      return from ? [{ source, variable: variableName(), isCertain: false, from }] : [];
    });
    const reads = values.map(
      ({ variable, from }) => `const ${variable}=${readKey(from.variable, key, from.isCertain)};`,
    );
    return `${reads.join("")}${writeOutput(definition.type, values, next, below)}`;
  };

  const main = objectWriter(rootType, selection, root, false);
  if (size > MAX_CODE) return undefined;
  const roots = root.base.map(({ fetch }) => `,state.roots[${fetch.index}]`).join("");
  const rewind = sites.map(({ index }) => `state.sites[${index}]?.rewind();`).join("");
  const code = `${functions.join("\n")}\nreturn (state)=>{state.objects=0;${rewind}return ${main}(state${roots});};`;
  const { latestTypename } = types;
  const scope = { asObject, either, latestTypename, own, elementOf, inOnePiece, writeValue, bad, enums: enumValues };
  let plain: Writer | undefined;
  return {
    write: evaluate<Writer>(code, { ...scope, string: writeString }),
    writePlain: (state) =>
      (plain ??= evaluate<Writer>(code, { ...scope, string: writePlainString, writeValue: writeValue }))(state),
    size: code.length,
  };
}

/** The class of the current object at a site: the names of the local variables of its number, below 0 for none, and of the site's state. */
interface ObjectClass {
  readonly site: Site;
  readonly state: string;
  readonly variable: string;
}

/** The sources of the current object, and its classes at the sites whose fetches join at it. */
interface HeldObject {
  readonly held: readonly Held[];
  readonly classes: readonly ObjectClass[];
}

/** Code that appends to `o`. */
interface Part {
  readonly code: string;
  /** The classes any of which alone decides what it appends. */
  readonly settledBy: readonly ObjectClass[];
  /** How many values it reads. */
  readonly values: number;
}

/** Parts that follow each other and are settled by the same class become one. */
function runsOf(parts: readonly Part[]): readonly Part[] {
  const runs: Part[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    const settledBy = last?.settledBy.filter((one) => part.settledBy.includes(one)) ?? [];
    const isAlike = last && (settledBy.length > 0 || last.settledBy.length + part.settledBy.length === 0);
    if (!isAlike) runs.push(part);
    else runs[runs.length - 1] = { code: last.code + part.code, settledBy, values: last.values + part.values };
  }
  return runs;
}

/**
 * Whether objects of one class at a site have the same value of a field: it is a leaf, and whoever knows it is asked about the class as a whole, or
 * gave the very value by which classes are told apart.
 */
function isSettledBy(
  site: Site,
  siteOf: ReadonlyMap<Fetch, Site>,
  position: Position,
  held: readonly Held[],
  { key, definition }: OutputField,
): boolean {
  if (site.isDeep) return false;
  if (!definition) return key === "__typename";
  if (!isLeafType(getNamedType(definition.type))) return false;
  const [onlyBase] = position.base.length === 1 && site.base.length === 1 ? site.base : [];
  return knowing(held, key).every(({ source }) => {
    if (source === onlyBase) return site.keys.includes(key);
    const other = position.joined.includes(source) ? siteOf.get(source.fetch) : undefined;
    return other !== undefined && (other === site || site.beside.includes(other));
  });
}

function bad(): never {
  throw NOT_AS_EXPECTED;
}
