import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  getNamedType,
  parse,
  validate,
} from "graphql";
import type { Operation } from "./answerer";
import { deferSome } from "./defer-some";
import type { Draw } from "./draw";
import { rivalSome } from "./rival-some";

const HOSTILE = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "__typename_",
  "_entities",
  "length",
  "then",
];
const MAX_TRIES = 8;

/** An operation that is valid on the schema; undefined in the rare case that none was found. */
export function generateOperation(draw: Draw, schema: GraphQLSchema): Operation | undefined {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const operation = attemptOperation(draw, schema);
    if (!operation || validate(schema, parse(operation.document)).length > 0) continue;
    const isStream = operation.document.includes("subscription ");
    const chosen = !isStream && draw.chance(25) ? deferSome(draw, schema, operation) : operation;
    return draw.chance(40) ? rivalSome(draw, schema, chosen) : chosen;
  }
  return undefined;
}

function attemptOperation(draw: Draw, schema: GraphQLSchema): Operation | undefined {
  const query = schema.getQueryType();
  const mutation = schema.getMutationType();
  const subscription = schema.getSubscriptionType();
  if (!query) return undefined;
  const several = draw.chance(12);
  const builders = Array.from({ length: several ? 2 : 1 }, (_, index) => {
    const changing = mutation && draw.chance(20) ? mutation : undefined;
    const root = changing ?? (subscription && draw.chance(12) ? subscription : query);
    return new OperationBuilder(draw, schema, root, several || draw.chance(40) ? `Op${index}` : "");
  });
  const texts = builders.map((builder) => builder.build());
  const chosen = draw.pick(builders);
  return {
    document: texts.join("\n"),
    ...(chosen.name ? { operationName: chosen.name } : {}),
    variables: chosen.variables,
  };
}

/** Selections that one may repeat, and the response keys that are taken, of one object of the answer. */
interface Scope {
  readonly taken: Map<string, string>;
}

interface Fragment {
  readonly name: string;
  readonly type: string;
  readonly body: string;
  readonly keys: ReadonlyMap<string, string>;
}

class OperationBuilder {
  readonly variables: Record<string, unknown> = {};
  private readonly declarations = new Map<string, string>();
  private readonly fragments: Fragment[] = [];
  private budget: number;
  private counter = 0;

  constructor(
    private readonly draw: Draw,
    private readonly schema: GraphQLSchema,
    private readonly root: GraphQLObjectType,
    readonly name: string,
  ) {
    this.budget = draw.pick([3, 5, 8, 8, 12, 16, 24]);
  }

  build(): string {
    const isStream = this.root === this.schema.getSubscriptionType();
    const kind = this.root === this.schema.getMutationType() ? "mutation" : isStream ? "subscription" : "query";
    const selections = isStream ? this.onlyField() : this.selections(this.root, 0, { taken: new Map() });
    const declared = [...this.declarations].map(([name, type]) => `$${name}: ${type}`);
    const head = declared.length > 0 ? `(${declared.join(", ")})` : "";
    const fragments = this.fragments.map(({ name, type, body }) => `fragment ${name} on ${type} ${body}`);
    const start = kind === "query" && !this.name && head === "" ? "" : `${kind} ${this.name}${head} `;
    return [`${start}${selections}`, ...fragments].join("\n");
  }

  /** A subscription has one root field, without conditions. */
  private onlyField(): string {
    const { draw } = this;
    const field = draw.pick(Object.values(this.root.getFields()));
    const target = getNamedType(field.type);
    const inner = isCompositeType(target) ? ` ${this.selections(target, 1, { taken: new Map() })}` : "";
    const alias = draw.chance(25) ? `${draw.pick(HOSTILE.filter((name) => !name.startsWith("__")))}: ` : "";
    return `{ ${alias}${field.name}${this.args(field.args)}${inner} }`;
  }

  private selections(type: GraphQLCompositeType, depth: number, scope: Scope): string {
    const { draw } = this;
    const parts: string[] = [];
    const count = draw.between(1, depth === 0 ? 4 : 5);
    for (let index = 0; index < count && this.budget > 0; index++) {
      this.budget--;
      const part = this.selection(type, depth, scope);
      if (part !== undefined) parts.push(part);
    }
    // Never empty, and never only things that can be skipped away to nothing known.
    if (parts.length === 0 || draw.chance(10)) parts.push(this.typename(scope));
    return `{ ${parts.join(" ")} }`;
  }

  private selection(type: GraphQLCompositeType, depth: number, scope: Scope): string | undefined {
    const { draw } = this;
    if (draw.chance(8)) return this.typename(scope);
    if (depth === 0 && type === this.schema.getQueryType() && draw.chance(4)) return this.introspection(scope);
    const isAbstract = isAbstractType(type);
    if (depth < 6 && draw.chance(isAbstract ? 50 : 14)) {
      const fragment = draw.chance(45) ? this.spread(type, depth, scope) : this.inlineFragment(type, depth, scope);
      if (fragment !== undefined) return fragment;
    }
    if (!("getFields" in type)) return this.inlineFragment(type, depth, scope);
    const fields = Object.values(type.getFields()).filter(
      (field) => depth < 6 || !isCompositeType(getNamedType(field.type)),
    );
    if (fields.length === 0) return this.typename(scope);
    const composite = fields.filter((field) => isCompositeType(getNamedType(field.type)));
    return this.field(composite.length > 0 && draw.chance(35) ? draw.pick(composite) : draw.pick(fields), depth, scope);
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number, scope: Scope): string | undefined {
    const { draw } = this;
    const args = this.args(field.args);
    const meaning = `${field.name}${args}:${String(field.type)}`;
    let key = field.name;
    if (draw.chance(12)) key = draw.chance(35) ? draw.pick(HOSTILE) : `a${this.counter++}`;
    if (scope.taken.has(key) && scope.taken.get(key) !== meaning) key = `a${this.counter++}`;
    scope.taken.set(key, meaning);
    const alias = key === field.name ? "" : `${key}: `;
    const target = getNamedType(field.type);
    // Objects behind one response key are merged with each other, so all of them together are one scope; a new one is safe and usual.
    const inner = isCompositeType(target) ? ` ${this.selections(target, depth + 1, { taken: new Map() })}` : "";
    const text = `${alias}${field.name}${args}${this.conditions()}${inner}`;
    if (isCompositeType(target) && this.budget > 0 && draw.chance(8)) {
      return `${text} ${alias}${field.name}${args}${this.conditions()} ${this.selections(target, depth + 1, { taken: new Map() })}`;
    }
    return text;
  }

  private inlineFragment(type: GraphQLCompositeType, depth: number, scope: Scope): string | undefined {
    const { draw } = this;
    const condition = draw.chance(12) ? undefined : this.condition(type);
    const inner = this.selections(condition ?? type, depth + 1, scope);
    return `...${condition ? ` on ${condition.name}` : ""}${this.conditions()} ${inner}`;
  }

  private spread(type: GraphQLCompositeType, depth: number, scope: Scope): string | undefined {
    const { draw } = this;
    const fitting = this.fragments.filter((fragment) => {
      const of = this.schema.getType(fragment.type) as GraphQLCompositeType;
      return (
        this.overlaps(type, of) &&
        [...fragment.keys].every(([key, meaning]) => (scope.taken.get(key) ?? meaning) === meaning)
      );
    });
    if (fitting.length > 0 && draw.chance(60)) {
      const fragment = draw.pick(fitting);
      for (const [key, meaning] of fragment.keys) scope.taken.set(key, meaning);
      return `...${fragment.name}${this.conditions()}`;
    }
    const condition = this.condition(type);
    const own: Scope = { taken: new Map(scope.taken) };
    const body = this.selections(condition, depth + 1, own);
    const name = `F${this.counter++}${this.name}`;
    this.fragments.push({ name, type: condition.name, body, keys: own.taken });
    for (const [key, meaning] of own.taken) scope.taken.set(key, meaning);
    return `...${name}${this.conditions()}`;
  }

  /** A type that an object of `type` may have: itself, one of its kinds, or something abstract beside it. */
  private condition(type: GraphQLCompositeType): GraphQLCompositeType {
    const all = Object.values(this.schema.getTypeMap()).filter(
      (candidate): candidate is GraphQLCompositeType =>
        isCompositeType(candidate) && !candidate.name.startsWith("__") && this.overlaps(type, candidate),
    );
    return this.draw.pick(all);
  }

  private overlaps(one: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    const possible = (type: GraphQLCompositeType) => (isObjectType(type) ? [type] : this.schema.getPossibleTypes(type));
    return possible(one).some((type) => possible(other).includes(type));
  }

  private typename(scope: Scope): string {
    const key = this.draw.chance(25) ? this.draw.pick(["kind", "t", "constructor", "__proto__"]) : "__typename";
    if ((scope.taken.get(key) ?? "__typename") !== "__typename") return "__typename";
    scope.taken.set(key, "__typename");
    return `${key === "__typename" ? "" : `${key}: `}__typename${this.conditions()}`;
  }

  private introspection(scope: Scope): string {
    const { draw } = this;
    const key = `meta${this.counter++}`;
    scope.taken.set(key, key);
    if (draw.chance(50)) return `${key}: __schema { queryType { name } types { name kind } }`;
    const type = draw.pick(Object.keys(this.schema.getTypeMap()));
    return `${key}: __type(name: "${type}") { kind name fields(includeDeprecated: true) { name args { name } type { kind name } } enumValues { name } }`;
  }

  private conditions(): string {
    const { draw } = this;
    if (!draw.chance(12)) return "";
    const one = (name: string) => `@${name}(if: ${draw.chance(60) ? this.flag() : draw.chance(50)})`;
    const chosen = draw.chance(15) ? ["skip", "include"] : [draw.pick(["skip", "include"])];
    return ` ${draw.shuffle(chosen).map(one).join(" ")}`;
  }

  private flag(): string {
    const { draw } = this;
    const name = `flag${draw.between(0, 2)}`;
    if (!this.declarations.has(name)) {
      const hasDefault = draw.chance(25);
      this.declarations.set(name, hasDefault ? `Boolean! = ${draw.chance(50)}` : "Boolean!");
      if (!hasDefault || draw.chance(50)) this.variables[name] = draw.chance(50);
    }
    return `$${name}`;
  }

  private args(args: readonly GraphQLArgument[]): string {
    const { draw } = this;
    const given = args.flatMap((arg) => {
      if (!isRequiredArgument(arg) && draw.chance(40)) return [];
      return [`${arg.name}: ${this.argument(arg)}`];
    });
    return given.length > 0 ? `(${given.join(", ")})` : "";
  }

  private argument({ type, defaultValue }: GraphQLArgument): string {
    return this.draw.chance(45) ? this.variable(type, defaultValue !== undefined) : this.literal(type, 0);
  }

  private variable(type: GraphQLInputType, placeHasDefault: boolean): string {
    const { draw } = this;
    const name = `v${this.counter++}`;
    let declared = String(type);
    if (isNonNullType(type)) {
      // A nullable variable may stand where null may not, if one of the two has a default.
      if (placeHasDefault && draw.chance(40)) declared = String(type.ofType);
    } else if (draw.chance(25)) {
      declared = String(new GraphQLNonNull(type));
    }
    const isRequired = declared.endsWith("!");
    const hasDefault = draw.chance(25);
    const nullable = isNonNullType(type) ? type.ofType : type;
    this.declarations.set(name, hasDefault ? `${declared} = ${this.constant(nullable)}` : declared);
    if ((isRequired && !hasDefault) || draw.chance(65)) this.variables[name] = this.json(nullable, 0);
    else if (!isRequired && !isNonNullType(type) && draw.chance(30)) this.variables[name] = null;
    return `$${name}`;
  }

  private constant(type: GraphQLInputType): string {
    return toLiteral(this.json(type, 0), type);
  }

  private literal(type: GraphQLInputType, depth: number): string {
    const { draw } = this;
    if (isNonNullType(type)) return this.literal(type.ofType, depth);
    if (depth < 3 && isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).flatMap((field) => {
        if (!isRequiredInputField(field) && draw.chance(50)) return [];
        const value = draw.chance(25)
          ? this.variable(field.type, field.defaultValue !== undefined)
          : this.literal(field.type, depth + 1);
        return [`${field.name}: ${value}`];
      });
      return `{${fields.join(", ")}}`;
    }
    if (isListType(type) && draw.chance(30)) {
      return `[${Array.from({ length: draw.between(0, 2) }, () => (draw.chance(30) ? this.variable(type.ofType, false) : this.literal(type.ofType, depth + 1))).join(", ")}]`;
    }
    return toLiteral(this.json(type, depth), type);
  }

  private json(type: GraphQLInputType, depth: number): unknown {
    const { draw } = this;
    if (isNonNullType(type)) return this.present(type.ofType, depth);
    return depth > 0 && draw.chance(15) ? null : this.present(type, depth);
  }

  private present(type: GraphQLInputType, depth: number): unknown {
    const { draw } = this;
    if (isNonNullType(type)) return this.present(type.ofType, depth);
    if (isListType(type)) return Array.from({ length: draw.between(0, 2) }, () => this.json(type.ofType, depth + 1));
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isRequiredInputField(field) || draw.chance(50));
      return Object.fromEntries(fields.map((field) => [field.name, this.json(field.type, depth + 1)]));
    }
    if (isEnumType(type)) return draw.pick(type.getValues()).name;
    switch (type.name) {
      case "Int":
        return draw.between(-3, 3);
      case "Float":
        return draw.between(-30, 30) / 4;
      case "Boolean":
        return draw.chance(50);
      case "ID":
        return draw.pick(["x", "7", 'q"uote']);
      default:
        return draw.pick(["a", "b c", 'say "hi"', "é\n", "\\"]);
    }
  }
}

function toLiteral(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return toLiteral(value, type.ofType);
  if (value === null) return "null";
  if (Array.isArray(value) && isListType(type))
    return `[${value.map((item) => toLiteral(item, type.ofType)).join(", ")}]`;
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    const parts = Object.entries(value as object).map(
      ([name, item]) => `${name}: ${toLiteral(item, fields[name]!.type)}`,
    );
    return `{${parts.join(", ")}}`;
  }
  if (isEnumType(type)) return String(value);
  return isScalarType(type) ? JSON.stringify(value) : String(value);
}
