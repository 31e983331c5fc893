/** Values by name, as arguments and input objects give them. */
export type Values = Readonly<Record<string, unknown>>;

/** An object of generated data. What its fields are follows from `seed`, unless it is known already. */
export class Sample {
  readonly typeName: string;
  /** The field under which it stands; of a thing its type, because it is the same under every field. */
  readonly name: string;
  readonly seed: string;
  /** Fields that are decided: by arguments of the same name, or by the list in which it stands. */
  readonly known: Values;
  /** What a mutation was given, for the objects in its answer. */
  readonly given: Values;
  /** It has an id. */
  readonly isThing: boolean;
  /** It is what a mutation answers, and the thing that was changed stands in it. */
  readonly isPayload: boolean;

  constructor(of: Pick<Sample, "typeName" | "name" | "seed"> & Partial<Sample>) {
    this.typeName = of.typeName;
    this.name = of.name;
    this.seed = of.seed;
    this.known = of.known ?? NOTHING;
    this.given = of.given ?? NOTHING;
    this.isThing = of.isThing ?? false;
    this.isPayload = of.isPayload ?? false;
  }
}

const NOTHING: Values = Object.freeze({});

export const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Arguments with the fields of the input objects among them; what stands further out wins. */
export function flatten(values: Values): Values {
  if (!Object.values(values).some(isValues)) return values;
  const inner = Object.values(values).filter(isValues);
  return Object.assign({}, ...inner, values) as Values;
}
