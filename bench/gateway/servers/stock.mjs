/** `node stock.mjs SUPERGRAPH_FILE PORT`: Apollo's own gateway, as its documentation starts it. */
import fs from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const [supergraphFile, port] = process.argv.slice(2);
const gateway = new ApolloGateway({ supergraphSdl: fs.readFileSync(supergraphFile, "utf8") });
await startStandaloneServer(new ApolloServer({ gateway }), { listen: { port: Number(port), host: "127.0.0.1" } });
