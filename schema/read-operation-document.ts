import { type DocumentNode, parse } from "graphql";
import { readRepositoryFile } from "./repository";
import { takeRestDirective } from "./take-rest-directive";

/** A document of `schema/operations` as it is validated and run: without what says only where it is found over plain HTTP. */
export const readOperationDocument = (path: string): DocumentNode =>
  takeRestDirective(parse(readRepositoryFile(path))).document;
