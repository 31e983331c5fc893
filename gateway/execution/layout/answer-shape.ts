import type { GraphQLObjectType, GraphQLSchema } from "graphql";
import type { Selection } from "../../operation/output-fields";
import type { Fetch } from "../plan/fetch";
import type { Position } from "./position";
import type { Site } from "./site";
import type { SupergraphTypes } from "./supergraph-types";

/** What both writers know of an operation's answer: what the client asks for, and where in the subgraphs' answers it lies. */
export interface AnswerShape {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly types: SupergraphTypes;
  readonly rootType: GraphQLObjectType;
  readonly selection: Selection;
  readonly root: Position;
  readonly siteOf: ReadonlyMap<Fetch, Site>;
  /** The client's response key for a key of the plan. */
  readonly responseKey: (key: string) => string;
}
