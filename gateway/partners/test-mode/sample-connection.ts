import {
  getNamedType,
  type GraphQLObjectType,
  GraphQLError,
  isCompositeType,
  isListType,
  getNullableType,
  type GraphQLNamedType,
} from "graphql";
import type { Values } from "./sample";

/** A type in the manner of Relay, with the type of its items. https://relay.dev/graphql/connections.htm */
export interface ConnectionShape {
  readonly item: GraphQLNamedType;
  readonly edgeTypeName: string | undefined;
  readonly pageInfoTypeName: string;
}

/** @returns undefined for any other type */
export function connectionShape(type: GraphQLObjectType): ConnectionShape | undefined {
  const { pageInfo, nodes, edges } = type.getFields();
  const pageInfoType = getNamedType(pageInfo?.type);
  if (!isCompositeType(pageInfoType) || !isListType(getNullableType(nodes?.type ?? edges?.type))) return undefined;
  const edge = getNamedType(edges?.type);
  const node = edge && "getFields" in edge ? edge.getFields()["node"]?.type : undefined;
  const item = getNamedType(nodes?.type ?? node);
  return item ? { item, edgeTypeName: edge?.name, pageInfoTypeName: pageInfoType.name } : undefined;
}

/** A page of a list: which of its items, and whether there are others around it. */
export interface Page {
  readonly start: number;
  readonly end: number;
}

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;
const CURSOR = /^sample:(\d{1,6})$/;

export const cursorOf = (index: number): string => Buffer.from(`sample:${index}`).toString("base64url");

/** @param total items of the whole list @throws GraphQLError BAD_USER_INPUT for arguments that no list takes */
export function pageOf(args: Values, total: number): Page {
  const after = indexAt(args["after"], "after");
  const before = indexAt(args["before"], "before");
  const start = Math.min(total, after === undefined ? 0 : after + 1);
  const end = Math.max(start, Math.min(total, before ?? total));
  const first = sizeOf(args["first"], "first");
  const last = sizeOf(args["last"], "last");
  if (first !== undefined && last !== undefined) throw badInput('"first" and "last" do not go together.');
  if (last !== undefined) return { start: Math.max(start, end - last), end };
  return { start, end: Math.min(end, start + (first ?? DEFAULT_SIZE)) };
}

function sizeOf(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && value >= 0 && value <= MAX_SIZE) return value;
  throw badInput(`"${name}" must be from 0 to ${MAX_SIZE}.`);
}

function indexAt(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === "string" ? Buffer.from(value, "base64url").toString() : "";
  const index = CURSOR.exec(text)?.[1];
  if (index === undefined) throw badInput(`"${name}" is no cursor of this list.`);
  return Number(index);
}

const badInput = (message: string) => new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
