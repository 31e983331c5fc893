import { createSchema } from "./api/create-schema";

/** For the tools in schema/: the committed SDL of this subgraph is printed from its resolvers. */
export const printSdl = async (): Promise<string> => (await createSchema()).sdl;
