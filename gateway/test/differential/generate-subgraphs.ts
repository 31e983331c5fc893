import { type DraftArgument, type DraftField, type DraftSubgraph, draftType, printDraft } from "./draft-subgraph";
import type { Draw } from "./draw";
import type { SubgraphSdl } from "./subgraph-facts";

interface ValueType {
  readonly kind: "value";
  readonly fields: Map<string, DraftField>;
}
interface EntityType {
  readonly kind: "entity";
  /** Key field sets that this entity may have; the first is `id`. */
  readonly keys: readonly string[];
  readonly homes: string[];
}
interface AbstractType {
  readonly kind: "union" | "interface";
  readonly members: readonly string[];
  /** Of an interface: every member has them. */
  readonly fields: Map<string, DraftField>;
}
/** An interface with a key: one subgraph knows its implementations, the others see it as one object type. */
interface InterfaceEntity {
  readonly kind: "interface entity";
  readonly home: string;
  readonly members: readonly string[];
}
type ModelType = ValueType | EntityType | AbstractType | InterfaceEntity;

const SUBGRAPHS = ["alpha", "beta", "gamma", "delta", "omega"];
const BUILT_IN = ["String", "String", "Int", "Float", "Boolean", "ID"];
const WORDS = ["name", "size", "note", "rank", "state", "total", "peer", "items", "owner", "extra"];
const KEY_FIELDS: Readonly<Record<string, string>> = { id: "ID!", sku: "String!", code: "Int!" };

/**
 * Subgraphs of one graph: first the graph as a whole is decided, types by name, then its fields are given to subgraphs, then what ties
 * subgraphs together is added. Nearly all of it composes; the rest is the caller's to discard.
 */
export function generateSubgraphs(draw: Draw): readonly SubgraphSdl[] {
  const names = SUBGRAPHS.slice(0, draw.pick([2, 2, 3, 3, 3, 4, 4, 5]));
  const subgraphs = names.map((name): DraftSubgraph => ({ name, types: new Map() }));
  const world = new World(draw, subgraphs);
  world.build();
  return subgraphs.map(printDraft);
}

class World {
  private readonly model = new Map<string, ModelType>();
  private readonly enums = new Map<string, string[]>();
  private readonly inputs = new Map<string, Map<string, DraftField>>();
  private readonly scalars: string[] = [];
  private counter = 0;

  constructor(
    private readonly draw: Draw,
    private readonly subgraphs: readonly DraftSubgraph[],
  ) {}

  build(): void {
    this.decideTypes();
    this.placeEntities();
    this.placeInterfaceEntity();
    this.addRootFields();
    for (let index = this.draw.between(0, 4); index > 0; index--) this.addRequires(index);
    for (let index = this.draw.between(0, 3); index > 0; index--) this.addProvides();
    for (let index = this.draw.between(0, 2); index > 0; index--) this.addOverride();
    if (this.draw.chance(20)) this.addContext();
    this.hideSome();
  }

  private decideTypes(): void {
    const { draw } = this;
    this.enums.set("Color", ["RED", "GREEN", "BLUE"]);
    if (draw.chance(40)) this.enums.set("Unit", ["METRE", ...draw.some(["FOOT", "MILE", "YARD"], 60)]);
    if (draw.chance(60)) this.scalars.push("Stamp");
    const nested = field("Boolean", [], draw.chance(50) ? [] : undefined);
    this.inputs.set(
      "Filter",
      new Map([
        ["min", field("Int = 3")],
        ["term", field("String")],
        ["colors", field("[Color!]")],
        ["on", nested],
      ]),
    );

    const entityNames = ["Book", "User", "Shop", "Order"].slice(0, draw.between(1, 4));
    const valueNames = ["Money", "Place", "Span"].slice(0, draw.between(0, 3));
    for (const name of entityNames) {
      const keys = ["id", ...draw.some(["sku", "id code", "meta { id }", "code"], 30)];
      if (keys.includes("meta { id }"))
        this.model.set(`${name}Meta`, { kind: "value", fields: new Map([["id", field("ID!")]]) });
      this.model.set(name, { kind: "entity", keys, homes: this.someSubgraphs(60).map((one) => one.name) });
    }
    for (const name of valueNames) this.model.set(name, { kind: "value", fields: new Map() });
    const concrete = [...entityNames, ...valueNames];
    if (concrete.length > 1 && draw.chance(55)) {
      const members = draw.shuffle(concrete).slice(0, draw.between(1, 3));
      this.model.set("Thing", { kind: "union", members, fields: new Map() });
    }
    if (draw.chance(60)) {
      const members = draw.shuffle(concrete).slice(0, draw.between(1, 3));
      const fields = new Map([["label", this.leafField()]]);
      if (draw.chance(50)) fields.set("weight", this.leafField());
      this.model.set("Labelled", { kind: "interface", members, fields });
    }
    if (draw.chance(35)) {
      const home = draw.pick(this.subgraphs).name;
      this.model.set("Media", {
        kind: "interface entity",
        home,
        members: ["Song", "Film"].slice(0, draw.between(1, 2)),
      });
    }
    for (const name of valueNames) {
      const type = this.model.get(name) as ValueType;
      for (let index = draw.between(2, 4); index > 0; index--) {
        const later = valueNames.slice(valueNames.indexOf(name) + 1);
        const target =
          draw.chance(15) && later.length > 0 ? draw.pick(later) : draw.chance(15) ? draw.pick(entityNames) : undefined;
        type.fields.set(...this.newField(target));
      }
    }
    for (const [name, type] of this.model) {
      if (type.kind !== "interface") continue;
      for (const member of type.members) {
        const found = this.model.get(member);
        if (found?.kind === "value") for (const [label, shape] of type.fields) found.fields.set(label, shape);
      }
      this.model.set(name, type);
    }
  }

  private placeEntities(): void {
    const { draw } = this;
    for (const [name, type] of this.model) {
      if (type.kind !== "entity") continue;
      for (const home of type.homes) this.ensureEntity(this.subgraph(home), name, true);
    }
    for (const [name, type] of this.model) {
      if (type.kind !== "entity") continue;
      for (let index = draw.between(2, 6); index > 0; index--) {
        const [fieldName, shape] = this.newField(draw.chance(45) ? this.compositeName() : undefined);
        const owners = draw.shuffle(type.homes).slice(0, draw.chance(20) ? 2 : 1);
        for (const owner of owners)
          this.addField(this.subgraph(owner), name, fieldName, shape, owners.length > 1 ? ["@shareable"] : []);
      }
    }
  }

  private placeInterfaceEntity(): void {
    const { draw } = this;
    const media = this.model.get("Media");
    if (media?.kind !== "interface entity") return;
    const home = this.subgraph(media.home);
    this.ensure(home, "Media");
    for (let index = draw.between(1, 2); index > 0; index--) {
      const [name, shape] = this.newField(draw.chance(30) ? this.compositeName() : undefined);
      this.addField(home, "Media", name, shape);
      for (const member of media.members) this.addField(home, member, name, shape);
    }
    for (const member of media.members) this.addField(home, member, ...this.newField());
    for (const other of this.subgraphs) {
      if (other === home || !draw.chance(50)) continue;
      this.ensure(other, "Media");
      for (let index = draw.between(1, 2); index > 0; index--) {
        this.addField(other, "Media", ...this.newField(draw.chance(30) ? this.compositeName() : undefined));
      }
    }
  }

  private addRootFields(): void {
    const { draw } = this;
    for (const subgraph of this.subgraphs) {
      for (let index = draw.between(1, 3); index > 0; index--) {
        const [name, shape] = this.newField(draw.chance(85) ? this.compositeName() : undefined);
        const others = draw.chance(15) ? this.subgraphs.filter((one) => one !== subgraph) : [];
        const owners = others.length > 0 ? [subgraph, draw.pick(others)] : [subgraph];
        for (const owner of owners) this.addField(owner, "Query", name, shape, owners.length > 1 ? ["@shareable"] : []);
      }
      if (draw.chance(25)) {
        this.addField(subgraph, "Subscription", ...this.newField(draw.chance(85) ? this.compositeName() : undefined));
      }
      if (!draw.chance(40)) continue;
      for (let index = draw.between(1, 3); index > 0; index--) {
        this.addField(subgraph, "Mutation", ...this.newField(draw.chance(60) ? this.compositeName() : undefined));
      }
    }
  }

  /** A field of an entity that is computed from fields of the same entity elsewhere. */
  private addRequires(index: number): void {
    const { draw } = this;
    const place = this.pickEntity((type) => type.homes.length > 1);
    if (!place) return;
    const [name, { homes }] = place;
    const home = this.subgraph(draw.pick(homes));
    const here = home.types.get(name)!;
    const candidates = this.fieldsElsewhere(home, name).filter(
      ([, shape]) => ![...shape.directives].includes("@external"),
    );
    // By name, as several subgraphs may have one field: required twice, with arguments that differ, it would contradict itself.
    const inputs = new Map(draw.shuffle(candidates).slice(0, draw.between(1, 2)));
    const parts: string[] = [];
    for (const [fieldName, shape] of inputs) {
      const selection = this.inputSelection(home, shape);
      if (selection === undefined) continue;
      parts.push(`${fieldName}${this.constantArguments(shape.args)}${selection}`);
      if (!here.fields.has(fieldName)) this.addExternal(home, name, fieldName, shape);
    }
    if (parts.length === 0) return;
    const text = parts.join(" ").replace(/"/g, '\\"');
    const [, shape] = this.newField(draw.chance(15) ? this.compositeName() : undefined);
    this.addField(home, name, `computed${index}x${this.counter++}`, shape, [`@requires(fields: "${text}")`]);
  }

  /** What `@requires` selects of a field: nothing of a leaf, leaves of a value type; undefined where it would get complicated. */
  private inputSelection(home: DraftSubgraph, shape: DraftField): string | undefined {
    const { draw } = this;
    const target = base(shape.type);
    const type = this.model.get(target);
    if (!type) return "";
    if (type.kind === "value") {
      const leaves = [...type.fields].filter(
        ([, { type: leaf, args }]) => !this.model.has(base(leaf)) && args.length === 0,
      );
      const chosen = draw.some(leaves, 70).map(([name]) => name);
      return chosen.length > 0 ? ` { ${chosen.join(" ")} }` : undefined;
    }
    if (type.kind === "entity") {
      this.ensure(home, target);
      const [found] = draw
        .shuffle(this.fieldsElsewhere(home, target))
        .filter(([, leaf]) => !this.model.has(base(leaf.type)) && leaf.args.length === 0);
      if (!found) return draw.chance(50) && home.types.get(target)!.fields.has("id") ? " { id }" : undefined;
      this.addExternal(home, target, ...found);
      return ` { ${found[0]} }`;
    }
    if (type.kind === "union" || type.kind === "interface") {
      this.ensure(home, target);
      const parts = [...this.membersIn(home, target)].flatMap((member) => {
        const local = home.types.get(member)!;
        const leaves = [...local.fields].filter(
          ([, leaf]) => !this.model.has(base(leaf.type)) && leaf.args.length === 0 && leaf.directives.size === 0,
        );
        return leaves.length > 0 ? [`... on ${member} { ${draw.pick(leaves)[0]} }`] : [];
      });
      return parts.length > 0 ? ` { ${parts.join(" ")} }` : undefined;
    }
    return undefined;
  }

  /** A field that gives some of an entity's fields itself although they live elsewhere. */
  private addProvides(): void {
    const { draw } = this;
    const places = this.subgraphs.flatMap((subgraph) =>
      [...subgraph.types].flatMap(([typeName, { kind, fields }]) =>
        kind !== "type" ? [] : [...fields].map(([fieldName, shape]) => ({ subgraph, typeName, fieldName, shape })),
      ),
    );
    const fitting = places.filter(({ subgraph, shape }) => {
      if ([...shape.directives].some((directive) => /@(external|provides|shareable|requires)/.test(directive)))
        return false;
      const type = this.model.get(base(shape.type));
      return (
        type?.kind === "entity" ||
        ((type?.kind === "union" || type?.kind === "interface") && subgraph.types.has(base(shape.type)))
      );
    });
    const valuesKept = fitting.filter(({ typeName }) => this.model.get(typeName)?.kind !== "value");
    if (valuesKept.length === 0) return;
    const { subgraph, shape } = draw.pick(valuesKept);
    const target = base(shape.type);
    const isEntity = this.model.get(target)?.kind === "entity";
    const parts = (isEntity ? [target] : [...this.membersIn(subgraph, target)]).flatMap((entity) => {
      if (this.model.get(entity)?.kind !== "entity") return [];
      const leaves = this.fieldsElsewhere(subgraph, entity).filter(
        ([, { type, args }]) => args.length === 0 && !this.model.has(base(type)),
      );
      if (leaves.length === 0) return [];
      const [name, leaf] = draw.pick(leaves);
      if ([...leaf.directives].some((directive) => /@(requires|override)/.test(directive))) return [];
      for (const owner of this.ownersOf(entity, name)) owner.directives.add("@shareable");
      this.addExternal(subgraph, entity, name, leaf);
      return [isEntity ? name : `... on ${entity} { ${name} }`];
    });
    if (parts.length > 0) shape.directives.add(`@provides(fields: "${parts.join(" ")}")`);
  }

  private addOverride(): void {
    const { draw } = this;
    const place = this.pickEntity((type) => type.homes.length > 1);
    if (!place) return;
    const [name, { homes }] = place;
    const to = this.subgraph(draw.pick(homes));
    const movable = this.fieldsElsewhere(to, name).filter(
      ([fieldName, { directives }]) =>
        directives.size === 0 && this.ownersOf(name, fieldName).length === 1 && !this.isInterfaceField(name, fieldName),
    );
    if (movable.length === 0) return;
    const [fieldName, shape] = draw.pick(movable);
    const from = this.subgraphs.find(({ types }) => types.get(name)?.fields.get(fieldName) === shape)!;
    const label = draw.chance(35) ? `, label: "percent(${draw.pick([0, 25, 100])})"` : "";
    if (this.subgraphs.some(({ types }) => types.get(name)?.fields.get(fieldName)?.directives.has("@external"))) return;
    this.addField(to, name, fieldName, shape, [`@override(from: "${from.name}"${label})`]);
  }

  /**
   * A new entity below an entity that sets a context, with a field that takes an argument from there. Nothing else leads to it: a way
   * without the context would not compose.
   */
  private addContext(): void {
    const { draw } = this;
    const place = this.pickEntity(() => true);
    if (!place) return;
    const [name, { homes }] = place;
    const home = this.subgraph(draw.pick(homes));
    const above = home.types.get(name)!;
    const plain = [...above.fields].filter(([, { args, directives }]) => args.length === 0 && directives.size === 0);
    const choices = plain.flatMap(([fieldName, { type }]): { selection: string; type: string }[] => {
      const target = this.model.get(base(type));
      if (!target) return [{ selection: fieldName, type }];
      if (target.kind !== "value" || type.includes("[")) return [];
      return [...target.fields].flatMap(([inner, leaf]) =>
        leaf.args.length > 0 || this.model.has(base(leaf.type))
          ? []
          : [{ selection: `${fieldName} { ${inner} }`, type: leaf.type }],
      );
    });
    if (choices.length === 0) return;
    above.directives.add('@context(name: "above")');
    const others = this.subgraphs.filter((other) => other !== home && draw.chance(50));
    for (const subgraph of [home, ...others]) {
      const made = draftType("type", ['@key(fields: "id")']);
      made.fields.set("id", field("ID!"));
      subgraph.types.set("Inner", made);
      const [ownName, shape] = this.leaf();
      this.addField(subgraph, "Inner", ownName, shape);
    }
    for (let index = draw.between(1, 2); index > 0; index--) {
      const { selection, type } = draw.pick(choices);
      const [toldName, told] = this.leaf();
      const own = draw.chance(30) ? this.newArguments() : [];
      const fromContext = { name: "told", type: `${nullable(type)} @fromContext(field: "$above { ${selection} }")` };
      this.addField(home, "Inner", toldName, { ...told, args: [...own, fromContext] });
    }
    for (let index = draw.between(1, 2); index > 0; index--) {
      this.addField(home, name, `inner${this.counter++}`, field(this.wrap("Inner", true)));
    }
  }

  private leaf(): [string, DraftField] {
    const [name, shape] = this.newField();
    return [name, { ...shape, args: [] }];
  }

  private hideSome(): void {
    const { draw } = this;
    for (const { types } of this.subgraphs) {
      for (const [name, type] of types) {
        if (type.kind === "enum" && draw.chance(8) && type.members.has("BLUE")) {
          type.members.delete("BLUE");
          type.members.add("BLUE @inaccessible");
        }
        if (type.kind !== "type") continue;
        for (const [fieldName, shape] of type.fields) {
          if (draw.chance(3) && !shape.directives.has("@external"))
            shape.directives.add(`@tag(name: "t${draw.between(0, 2)}")`);
          const isOnly = type.fields.size < 3 || /^(Query|Mutation)$/.test(name);
          if (isOnly || fieldName in KEY_FIELDS || fieldName === "meta" || this.isInterfaceField(name, fieldName))
            continue;
          if (draw.chance(3) && !shape.directives.has("@external") && this.model.get(name)?.kind === "entity")
            shape.directives.add("@inaccessible");
        }
      }
    }
  }

  private ensure(subgraph: DraftSubgraph, name: string): void {
    const type = this.model.get(name);
    if (subgraph.types.has(name)) return;
    if (this.enums.has(name)) {
      const made = draftType("enum");
      for (const value of this.enums.get(name)!) made.members.add(value);
      subgraph.types.set(name, made);
    } else if (this.inputs.has(name)) {
      const made = draftType("input");
      subgraph.types.set(name, made);
      for (const [fieldName, shape] of this.inputs.get(name)!) {
        made.fields.set(fieldName, shape);
        this.ensureNamed(subgraph, shape);
      }
    } else if (this.scalars.includes(name)) {
      subgraph.types.set(name, draftType("scalar"));
    } else if (type?.kind === "value") {
      const made = draftType("type", ["@shareable"]);
      subgraph.types.set(name, made);
      for (const [fieldName, shape] of type.fields) {
        made.fields.set(fieldName, { ...shape, directives: new Set(shape.directives) });
        this.ensureNamed(subgraph, shape);
      }
    } else if (type?.kind === "entity") {
      this.ensureEntity(subgraph, name, type.homes.includes(subgraph.name));
    } else if (type?.kind === "union") {
      const made = draftType("union");
      subgraph.types.set(name, made);
      const members = this.draw.some(type.members, 75);
      for (const member of members.length > 0 ? members : type.members) {
        this.ensure(subgraph, member);
        made.members.add(member);
      }
    } else if (type?.kind === "interface") {
      const made = draftType("interface");
      subgraph.types.set(name, made);
      for (const [fieldName, shape] of type.fields) {
        made.fields.set(fieldName, shape);
        this.ensureNamed(subgraph, shape);
      }
      const here = type.members.filter((member) => subgraph.types.has(member));
      const members = new Set([...here, ...this.draw.some(type.members, 50)]);
      for (const member of members.size > 0 ? members : type.members) this.implement(subgraph, member, name, type);
    } else if (type?.kind === "interface entity") {
      this.ensureInterfaceEntity(subgraph, name, type);
    }
  }

  private implement(subgraph: DraftSubgraph, member: string, name: string, type: AbstractType): void {
    this.ensure(subgraph, member);
    const made = subgraph.types.get(member)!;
    made.implements.add(name);
    if (this.model.get(member)?.kind !== "entity") return;
    const isHome = (this.model.get(member) as EntityType).homes.includes(subgraph.name);
    for (const [fieldName, shape] of type.fields) {
      const { homes } = this.model.get(member) as EntityType;
      const elsewhere = homes.some((home) =>
        this.subgraph(home).types.get(member)?.fields.get(fieldName)?.directives.has("@shareable"),
      );
      const isExternal = elsewhere && this.draw.chance(isHome ? 15 : 30);
      this.ensureNamed(subgraph, shape);
      made.fields.set(fieldName, { ...shape, directives: new Set([isExternal ? "@external" : "@shareable"]) });
    }
  }

  private ensureInterfaceEntity(subgraph: DraftSubgraph, name: string, type: InterfaceEntity): void {
    const isHome = type.home === subgraph.name;
    const made = draftType(isHome ? "interface" : "type", [
      '@key(fields: "id")',
      ...(isHome ? [] : ["@interfaceObject"]),
    ]);
    made.fields.set("id", field("ID!"));
    subgraph.types.set(name, made);
    if (!isHome) return;
    for (const member of type.members) {
      const implementation = draftType("type", ['@key(fields: "id")']);
      implementation.implements.add(name);
      implementation.fields.set("id", field("ID!"));
      subgraph.types.set(member, implementation);
    }
  }

  private ensureEntity(subgraph: DraftSubgraph, name: string, isHome: boolean): void {
    if (subgraph.types.has(name)) return;
    const { draw } = this;
    const { keys } = this.model.get(name) as EntityType;
    const { homes } = this.model.get(name) as EntityType;
    // A reference uses a key that some home can be entered by.
    const known = keys.filter((key) =>
      homes.some((home) => this.subgraph(home).types.get(name)?.directives.has(`@key(fields: "${key}")`)),
    );
    const chosen = isHome ? draw.some(keys, 70) : [draw.pick(known.length > 0 ? known : keys)];
    // Nearly every home has the first key, so that one can get from each to each.
    if (isHome && !chosen.includes("id") && (chosen.length === 0 || draw.chance(93))) chosen.unshift("id");
    if (!isHome && known.includes("id") && draw.chance(60)) chosen.splice(0, 1, "id");
    const isReference = !isHome && draw.chance(60);
    const made = draftType(
      "type",
      chosen.map((key) => `@key(fields: "${key}"${isReference ? ", resolvable: false" : ""})`),
    );
    subgraph.types.set(name, made);
    for (const key of chosen) {
      if (key === "meta { id }") {
        made.fields.set("meta", field(`${name}Meta!`, [], []));
        this.ensure(subgraph, `${name}Meta`);
        continue;
      }
      for (const part of key.split(" ")) made.fields.set(part, field(KEY_FIELDS[part]!));
    }
  }

  private ensureNamed(subgraph: DraftSubgraph, shape: DraftField): void {
    this.ensure(subgraph, base(shape.type));
    for (const { type } of shape.args) this.ensure(subgraph, base(type));
  }

  private addField(
    subgraph: DraftSubgraph,
    type: string,
    name: string,
    shape: DraftField,
    directives: readonly string[] = [],
  ): void {
    this.ensureNamed(subgraph, shape);
    let made = subgraph.types.get(type);
    if (!made) {
      made = draftType("type");
      subgraph.types.set(type, made);
    }
    made.fields.set(name, { ...shape, directives: new Set([...shape.directives, ...directives]) });
  }

  private addExternal(subgraph: DraftSubgraph, type: string, name: string, shape: DraftField): void {
    this.ensureNamed(subgraph, shape);
    subgraph.types.get(type)!.fields.set(name, { ...shape, directives: new Set(["@external"]) });
  }

  private newField(target?: string): [string, DraftField] {
    const { draw } = this;
    const shape =
      target === undefined
        ? this.leafField()
        : field(this.wrap(target, true), draw.chance(25) ? this.newArguments() : []);
    return [`${draw.pick(WORDS)}${target === undefined ? "" : "Of"}${this.counter++}`, shape];
  }

  private leafField(): DraftField {
    const { draw } = this;
    const leaves = [...BUILT_IN, ...this.enums.keys(), ...this.scalars];
    return field(this.wrap(draw.pick(leaves), false), draw.chance(25) ? this.newArguments() : []);
  }

  private newArguments(): DraftArgument[] {
    const choices: DraftArgument[] = [
      { name: "first", type: "Int", default: "2" },
      { name: "term", type: "String" },
      { name: "color", type: "Color", default: "RED" },
      { name: "filter", type: "Filter" },
      { name: "ids", type: "[ID!]" },
      { name: "flag", type: "Boolean!", default: "true" },
      { name: "must", type: "Int!" },
      { name: "filters", type: "[Filter!]", default: '[{ term: "x" }]' },
    ];
    return this.draw.shuffle(choices).slice(0, this.draw.between(1, 2));
  }

  private constantArguments(args: readonly DraftArgument[]): string {
    const values: Readonly<Record<string, readonly string[]>> = {
      Int: ["1", "5"],
      String: ['"a"', '"b"'],
      Color: ["GREEN"],
      "Boolean!": ["true", "false"],
      "Int!": ["4", "6"],
    };
    const printed = args.flatMap((arg) => {
      const literals = values[arg.type];
      if (!literals || (arg.type !== "Int!" && this.draw.chance(40))) return [];
      return [`${arg.name}: ${this.draw.pick(literals)}`];
    });
    return printed.length > 0 ? `(${printed.join(", ")})` : "";
  }

  private wrap(name: string, isComposite: boolean): string {
    const { draw } = this;
    const nonNull = (percent: number) => (draw.chance(percent) ? "!" : "");
    const one = `${name}${nonNull(25)}`;
    if (draw.chance(isComposite ? 55 : 85)) return one;
    const list = `[${one}]${nonNull(25)}`;
    return draw.chance(80) ? list : `[${list}]${nonNull(25)}`;
  }

  private compositeName(): string {
    const members = [...this.model.values()].flatMap((type) => (type.kind === "interface entity" ? type.members : []));
    const names = [...this.model.keys()].filter((name) => !members.includes(name) && !name.endsWith("Meta"));
    return this.draw.pick(names);
  }

  private pickEntity(fits: (type: EntityType) => boolean): [string, EntityType] | undefined {
    const found = [...this.model].filter(
      (entry): entry is [string, EntityType] => entry[1].kind === "entity" && fits(entry[1]),
    );
    return found.length > 0 ? this.draw.pick(found) : undefined;
  }

  /** Fields of an entity that some subgraph resolves and this one does not know. */
  private fieldsElsewhere(subgraph: DraftSubgraph, entity: string): [string, DraftField][] {
    const here = subgraph.types.get(entity)?.fields;
    const homes = (this.model.get(entity) as EntityType).homes;
    return this.subgraphs
      .filter((other) => other !== subgraph && homes.includes(other.name))
      .flatMap(({ types }) => [...(types.get(entity)?.fields ?? [])])
      .filter(
        ([name, { directives }]) =>
          !here?.has(name) && !directives.has("@external") && !(name in KEY_FIELDS) && name !== "meta",
      )
      .map(([name, shape]) => [name, shape]);
  }

  private ownersOf(entity: string, name: string): DraftField[] {
    return this.subgraphs.flatMap(({ types }) => {
      const found = types.get(entity)?.fields.get(name);
      return found && !found.directives.has("@external") ? [found] : [];
    });
  }

  private membersIn(subgraph: DraftSubgraph, name: string): Set<string> {
    const type = subgraph.types.get(name)!;
    if (type.kind === "union") return type.members;
    return new Set(
      [...subgraph.types].filter(([, candidate]) => candidate.implements.has(name)).map(([member]) => member),
    );
  }

  private isInterfaceField(entity: string, name: string): boolean {
    return [...this.model.values()].some(
      (type) => type.kind === "interface" && type.members.includes(entity) && type.fields.has(name),
    );
  }

  private someSubgraphs(percent: number): DraftSubgraph[] {
    const chosen = this.draw.some(this.subgraphs, percent);
    return chosen.length > 0 ? chosen : [this.draw.pick(this.subgraphs)];
  }

  private subgraph(name: string): DraftSubgraph {
    return this.subgraphs.find((one) => one.name === name)!;
  }
}

const field = (type: string, args: readonly DraftArgument[] = [], directives: readonly string[] = []): DraftField => ({
  args,
  type,
  directives: new Set(directives),
});

const nullable = (type: string): string => type.replace(/!$/, "");

const base = (type: string): string => /\w+/.exec(type)![0];
