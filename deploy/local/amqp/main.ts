import { Broker } from "./server/broker";

/*
 * The development broker as a process of its own. PORT (0: the system chooses), HOST and AMQP_DATA_DIR come from the
 * environment; the parent hears over IPC where it listens, and when the parent is gone so is this process.
 */
async function main(): Promise<void> {
  const broker = new Broker({
    dataDirectory: process.env.AMQP_DATA_DIR,
    onStorageFailure: (error) => fail(`the AMQP broker cannot write its data: ${error.message}`),
  });
  const port = await broker.listen(Number(process.env.PORT ?? 0), process.env.HOST ?? "127.0.0.1");
  console.log(`development AMQP broker on port ${port}: for development and tests, not for production`);

  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= broker.close().then(
      () => process.exit(0),
      (error: Error) => fail(`the AMQP broker did not close cleanly: ${error.message}`),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.once("disconnect", stop);
  process.send?.({ type: "listening", port });
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

main().catch((error: Error) => fail(`the AMQP broker cannot start: ${error.message}`));
