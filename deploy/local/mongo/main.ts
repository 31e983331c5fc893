import { startMongoServer } from "./mongo-server";

/** Settings: PORT (0 or unset: any free port), HOST, MONGO_DATA_DIR (unset: memory only). */
async function main(): Promise<void> {
  const { PORT = "0", HOST = "127.0.0.1", MONGO_DATA_DIR } = process.env;
  const port = Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT must be a port number, not '${PORT}'`);
  const server = await startMongoServer({
    host: HOST,
    port,
    ...(MONGO_DATA_DIR && { directory: MONGO_DATA_DIR }),
    onFailure: (error) => fail(new Error(`the journal cannot be written: ${error.message}`)),
  });
  const stop = () => void server.close().then(() => process.exit(0), fail);
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.once("disconnect", stop);
  console.log(`embedded MongoDB-compatible server for development only: ${server.url}`);
  process.send?.({ type: "listening", port: server.port });
}

function fail(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === "EADDRINUSE" ? `port ${process.env.PORT} is in use: set PORT to another one, or to 0` : message;
  console.error(`embedded MongoDB-compatible server: ${reason}`);
  process.exit(1);
}

main().catch(fail);
