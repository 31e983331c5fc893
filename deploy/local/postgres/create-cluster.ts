import fs from "node:fs";
import path from "node:path";
import { finishProgram, runProgram } from "./run-program";
import type { RunAs } from "./run-as";

export const superuser = "tributary";

/**
 * The cluster's folder, made by initdb when it is not there yet. initdb works aside and the result is moved into place:
 * a start that is killed half way leaves nothing that looks like a cluster.
 */
export async function createCluster(runAs: RunAs, password: string): Promise<string> {
  const cluster = path.join(runAs.home, "cluster");
  if (fs.existsSync(cluster)) return cluster;

  const draft = path.join(runAs.home, "cluster.new");
  fs.rmSync(draft, { recursive: true, force: true });
  const secrets = fs.mkdtempSync(path.join(runAs.home, "initdb-"));
  const passwordFile = path.join(secrets, "password");
  try {
    fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (runAs.uid !== undefined && runAs.gid !== undefined) {
      for (const file of [secrets, passwordFile]) fs.chownSync(file, runAs.uid, runAs.gid);
    }
    const options = ["--auth=scram-sha-256", "--pwfile", passwordFile, "--encoding=UTF8", "--locale=C", "--no-sync"];
    await finishProgram(runProgram(runAs, "initdb", ["-D", draft, "-U", superuser, ...options]));
    fs.renameSync(draft, cluster);
  } finally {
    fs.rmSync(secrets, { recursive: true, force: true });
  }
  return cluster;
}
