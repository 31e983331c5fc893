import "reflect-metadata";
import { createSchema } from "./api/create-schema";

/** The subgraph's contract as text, for composition. */
export async function printSdl(): Promise<string> {
  return (await createSchema()).sdl;
}
