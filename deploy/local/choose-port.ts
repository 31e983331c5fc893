import { ExpectedError } from "./bootstrap/expected-error.cjs";
import { findFreePorts, hold, release } from "./free-ports";

/**
 * The gateway's port: the wanted one, or for 0 any free one.
 *
 * @throws ExpectedError with one sentence naming PORT or HOST when it cannot be had
 */
export async function choosePort(wanted: number, host: string): Promise<number> {
  if (wanted === 0) {
    const [port] = (await findFreePorts(1)) as [number];
    return port;
  }
  const server = await hold(wanted, host).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EACCES") {
      throw new ExpectedError(`Port ${wanted} needs more rights than this user has; set PORT to one above 1023.`, {
        cause,
      });
    }
    throw new ExpectedError(
      `The gateway cannot listen on "${host}" (${cause.code}); set HOST to an address of this machine.`,
      {
        cause,
      },
    );
  });
  if (!server) throw new ExpectedError(`Port ${wanted} is in use; set PORT to another one, or to 0 for any free one.`);
  await release(server);
  return wanted;
}
