import type { GraphQLAbstractType, GraphQLObjectType } from "graphql";
import type { Labels, Selection } from "../../operation/output-fields";
import type { Position } from "../layout/position";
import type { Told } from "../run/told";
import type { Path } from "./error-report";

/** A value of the answer, and what its sources say of it. */
export interface ValuePlace {
  readonly path: Path;
  readonly position: Position;
  readonly told: readonly Told[];
  /** What the client asks of it; undefined for a leaf. */
  readonly selection: Selection | undefined;
}

/** An object of the answer. */
export interface ObjectPlace {
  /** Undefined for the root. */
  readonly path: Path | undefined;
  readonly position: Position;
  readonly selection: Selection;
  /** The object's, or as much as is known of it. */
  readonly type: GraphQLObjectType | GraphQLAbstractType;
}

/** An object with what its sources say of it, those included that join at it. */
export interface KnownObject extends ObjectPlace {
  readonly told: readonly Told[];
}

/** A deferred fragment at an object of the answer, to be written when its fetches have ended. */
export interface PendingPart extends ObjectPlace {
  readonly label: string;
  /** Labels of the parts it is inside of: they have been written before. */
  readonly within: Labels;
}
