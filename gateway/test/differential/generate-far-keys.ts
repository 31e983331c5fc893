import { type DraftField, type DraftSubgraph, type DraftType, draftType, printDraft } from "./draft-subgraph";
import type { Draw } from "./draw";
import type { SubgraphSdl } from "./subgraph-facts";

const SUBGRAPHS = ["alpha", "beta", "gamma", "delta", "omega"];
const SCALAR_KEYS: Readonly<Record<string, string>> = { id: "ID!", sku: "String!", code: "String!" };
/** The field that holds a part of an entity, and the type of that part, which may be an entity itself. */
const PARTS: Readonly<Record<string, { readonly field: string; readonly type: string }>> = {
  Book: { field: "meta", type: "BookMeta" },
  User: { field: "home", type: "UserHome" },
};
const ENTITIES = Object.keys(PARTS);

/** A field of an entity, and who has it. */
interface Owned {
  readonly entity: string;
  readonly name: string;
  readonly type: string;
  readonly owners: readonly DraftSubgraph[];
  /** Where it is an object: of which entity. */
  readonly target?: string;
}

/**
 * Subgraphs of one graph whose entities have few keys in common: from one subgraph to another it can take several fetches, a part of a key may have to be asked of another entity, several
 * subgraphs give the root, and computed fields require each other. `generateSubgraphs` knows everything else. Nine of ten compose; the rest is the caller's to discard.
 */
export function generateFarKeys(draw: Draw): readonly SubgraphSdl[] {
  const subgraphs = SUBGRAPHS.slice(0, draw.between(3, 5)).map((name): DraftSubgraph => ({ name, types: new Map() }));
  const homes = new Map(ENTITIES.map((entity) => [entity, drawHomes(draw, subgraphs, entity)] as const));
  const owned: Owned[] = [];
  for (const entity of ENTITIES) {
    for (let index = draw.between(3, 6); index > 0; index--) owned.push(drawOwned(draw, owned.length, entity, homes));
  }
  for (let index = draw.between(2, 4); index > 0; index--) drawComputed(draw, owned, draw.pick(ENTITIES), homes);
  for (const entity of ENTITIES) {
    for (const [name, type] of [
      [entity.toLowerCase(), entity],
      [`${entity.toLowerCase()}s`, `[${entity}]`],
    ] as const) {
      const owners = draw.shuffle(homes.get(entity)!).slice(0, draw.pick([1, 1, 2, 2, 3]));
      for (const owner of owners) addField(typeOf(owner, "Query"), name, type, "@shareable");
    }
  }
  return subgraphs.filter(({ types }) => types.size > 0).map(printDraft);
}

/** Those that know an entity: each has a key in common with the one before. */
function drawHomes(draw: Draw, subgraphs: readonly DraftSubgraph[], entity: string): readonly DraftSubgraph[] {
  const { field, type } = PARTS[entity]!;
  const homes = draw.shuffle(subgraphs).slice(0, draw.between(2, subgraphs.length));
  const keys = [...Object.keys(SCALAR_KEYS), `${field} { id }`, `${field} { code }`];
  let common = draw.pick(keys);
  for (const [index, home] of homes.entries()) {
    const next = draw.chance(40) ? common : draw.pick(keys);
    for (const key of new Set(index === homes.length - 1 ? [common] : [common, next])) addKey(home, entity, key);
    common = next;
    if (draw.chance(50)) addPart(home, entity, draw.pick(["id", "code"]));
    if (draw.chance(70) && home.types.has(type)) addKey(home, type, draw.pick(["id", "code"]));
  }
  if (draw.chance(60)) for (const key of ["id", "code"]) addKey(draw.pick(subgraphs), type, key);
  if (draw.chance(60)) for (const key of ["id", "code"]) addKey(homes[0]!, type, key);
  return homes;
}

function addKey(subgraph: DraftSubgraph, entity: string, key: string): void {
  const [name, part] = key.split(/\W+/);
  typeOf(subgraph, entity).directives.add(`@key(fields: "${key}")`);
  if (part) addPart(subgraph, entity, part);
  else addField(typeOf(subgraph, entity), name!, SCALAR_KEYS[name!]!, "@shareable");
}

function addPart(subgraph: DraftSubgraph, entity: string, key: string): void {
  const { field, type } = PARTS[entity]!;
  addField(typeOf(subgraph, entity), field, `${type}!`, "@shareable");
  addField(typeOf(subgraph, type), key, SCALAR_KEYS[key]!, "@shareable");
}

type Homes = ReadonlyMap<string, readonly DraftSubgraph[]>;

function drawOwned(draw: Draw, index: number, entity: string, homes: Homes): Owned {
  const owners = draw.shuffle(homes.get(entity)!).slice(0, draw.pick([1, 1, 1, 2]));
  const target = draw.pick(ENTITIES);
  const isRelation = draw.chance(40) && owners.every((owner) => homes.get(target)!.includes(owner));
  const type = isRelation ? draw.pick([target, `[${target}]`]) : draw.pick(["String", "Int"]);
  const name = `${isRelation ? "next" : "size"}${index}`;
  for (const owner of owners) addField(typeOf(owner, entity), name, type, ...(owners.length > 1 ? ["@shareable"] : []));
  return { entity, name, type, owners, ...(isRelation ? { target } : {}) };
}

/** A field that requires one or two others, which may be computed or be those of another object. */
function drawComputed(draw: Draw, owned: Owned[], entity: string, homes: Homes): void {
  const owner = draw.pick(homes.get(entity)!);
  const isElsewhere = (field: Owned) => !field.owners.includes(owner);
  const leaves = (of: string) => owned.filter((field) => field.entity === of && !field.target && isElsewhere(field));
  const relations = owned.filter(
    ({ entity: of, target }) =>
      of === entity && target && homes.get(target)!.includes(owner) && leaves(target).length > 0,
  );
  const wanted = new Map<string, string>();
  for (let count = draw.between(1, 2); count > 0; count--) {
    const relation = relations.length > 0 && draw.chance(40) ? draw.pick(relations) : undefined;
    const candidates = leaves(relation?.target ?? entity);
    if (candidates.length === 0) continue;
    // The later ones are computed themselves.
    const leaf = draw.chance(50) ? candidates.at(-1)! : draw.pick(candidates);
    addExternal(owner, leaf);
    if (relation && isElsewhere(relation)) addExternal(owner, relation);
    wanted.set(relation?.name ?? leaf.name, relation ? `${relation.name} { ${leaf.name} }` : leaf.name);
  }
  if (wanted.size === 0) return;
  const isRelation = draw.chance(30);
  const target = ENTITIES.find((one) => homes.get(one)!.includes(owner))!;
  const [name, type] = [`sum${owned.length}`, isRelation ? target : "String"];
  addField(typeOf(owner, entity), name, type, `@requires(fields: "${[...wanted.values()].join(" ")}")`);
  owned.push({ entity, name, type, owners: [owner], ...(isRelation ? { target } : {}) });
}

function addExternal(subgraph: DraftSubgraph, { entity, name, type }: Owned): void {
  addField(typeOf(subgraph, entity), name, type, "@external");
}

function typeOf({ types }: DraftSubgraph, name: string): DraftType {
  const known = types.get(name) ?? draftType("type");
  types.set(name, known);
  return known;
}

/** Leaves a field that is there already as it is. */
function addField({ fields }: DraftType, name: string, type: string, ...directives: string[]): void {
  const field: DraftField = { args: [], type, directives: new Set(directives) };
  if (!fields.has(name)) fields.set(name, field);
}
