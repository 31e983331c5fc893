import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { cannotRun } from "./find-binaries";

/** How to run PostgreSQL's programs, which refuse to run as root. */
export interface RunAs {
  /** For a log line: "this user", "a user namespace", "user nobody". */
  readonly who: string;
  /** Words before the program, e.g. `unshare -U`. */
  readonly prefix: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  /** Folder of bin/, lib/, share/; a copy when the other user could not reach the original. */
  readonly binaries: string;
  /** Folder that holds the cluster; elsewhere when the other user could not reach the wanted one. */
  readonly home: string;
}

export interface RunAsOptions {
  readonly binaries: string;
  readonly home: string;
  /** Off in the test of the other way. */
  readonly userNamespaces?: boolean;
}

const noteName = "elsewhere.json";

/**
 * As an ordinary user: directly. As root: in a user namespace of its own, where we are nobody in particular; nothing
 * has to change hands and folders with mode 0700 stay reachable, because to the file system the process is still root's.
 * Where the kernel or the container forbids namespaces: as an unprivileged user from the password file.
 */
export function chooseRunAs({ binaries, home, userNamespaces = true }: RunAsOptions): RunAs {
  fs.mkdirSync(home, { recursive: true });
  if (process.getuid?.() !== 0) return { who: "this user", prefix: [], binaries, home };

  // A cluster made earlier by an ordinary user stays that user's.
  const owner = clusterOwner(home);
  if (owner && owner.uid !== 0) return reachable({ who: `user ${owner.uid}`, prefix: [], ...owner, binaries, home });

  if (userNamespaces && process.platform === "linux" && spawnSync("unshare", ["-U", "true"]).status === 0) {
    return { who: "a user namespace", prefix: ["unshare", "-U"], binaries, home };
  }
  const user = unprivilegedUser();
  return reachable({ who: `user ${user.name}`, prefix: [], uid: user.uid, gid: user.gid, binaries, home });
}

function clusterOwner(home: string): { uid: number; gid: number } | undefined {
  const homes = [home, ...knownElsewhere(home).map((base) => path.join(base, "home"))];
  const found = homes.map((at) => fs.statSync(path.join(at, "cluster"), { throwIfNoEntry: false }));
  const stat = found.find((each) => each !== undefined);
  return stat && { uid: stat.uid, gid: stat.gid };
}

/** initdb looks its user up by name, so a bare number will not do. */
function unprivilegedUser(): { name: string; uid: number; gid: number } {
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, name]).stdout || NaN));
    if (uid && gid !== undefined && !Number.isNaN(uid + gid)) return { name, uid, gid };
  }
  throw cannotRun('it refuses to run as root, and there is neither a user "postgres" nor a user "nobody"');
}

/**
 * Moves what the other user could not reach (a folder above it is closed to others) to a folder of its own below
 * /var/tmp. A note in the home remembers which one, so a data directory keeps its cluster, and a removed
 * data directory never meets an old one. The name is unguessable and the folder ours: nobody else can prepare it.
 */
function reachable(wanted: RunAs & { uid: number; gid: number }): RunAs {
  const moveHome = !canEnter(path.dirname(wanted.home), wanted.uid);
  const moveBinaries = !canEnter(wanted.binaries, wanted.uid);
  if (!moveHome && !moveBinaries) return handOver(wanted);

  const [base = fs.mkdtempSync("/var/tmp/tributary-postgres-")] = knownElsewhere(wanted.home);
  fs.chmodSync(base, 0o711);
  fs.writeFileSync(path.join(wanted.home, noteName), JSON.stringify({ base }));
  const binaries = moveBinaries ? copyOnce(wanted.binaries, base) : wanted.binaries;
  const home = moveHome ? path.join(base, "home") : wanted.home;
  fs.mkdirSync(home, { recursive: true });
  return handOver({ ...wanted, binaries, home });
}

function handOver(runAs: RunAs & { uid: number; gid: number }): RunAs {
  fs.chownSync(runAs.home, runAs.uid, runAs.gid);
  return runAs;
}

/** May this user pass through every folder down to this one? */
function canEnter(folder: string, uid: number): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const { mode, uid: owner } = fs.statSync(at);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** The folder an earlier start moved to, if it is still there and still root's: none or one. */
function knownElsewhere(home: string): string[] {
  const note = path.join(home, noteName);
  if (!fs.existsSync(note)) return [];
  const { base } = JSON.parse(fs.readFileSync(note, "utf8")) as { base: string };
  const stat = fs.lstatSync(base, { throwIfNoEntry: false });
  return stat?.isDirectory() && stat.uid === 0 ? [base] : [];
}

/** One copy per version of the binaries; the final rename makes a half-written copy impossible to mistake. */
function copyOnce(binaries: string, base: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(binaries, "../package.json"), "utf8")) as {
    version: string;
  };
  const copy = path.join(base, version);
  if (!fs.existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    fs.cpSync(binaries, draft, { recursive: true, verbatimSymlinks: true });
    fs.renameSync(draft, copy);
  }
  return copy;
}
