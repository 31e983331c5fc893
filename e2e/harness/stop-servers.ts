/** Jest's global teardown of the suites: the servers in reverse order, the folder they worked in last. */
async function stopServers(): Promise<void> {
  const servers = globalThis.tributaryTestServers ?? [];
  globalThis.tributaryTestServers = undefined;
  const [folder, ...processes] = servers;
  await Promise.all(processes.map((server) => server.close()));
  await folder?.close();
}

export = stopServers;
