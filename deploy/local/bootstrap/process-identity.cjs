const { execFileSync } = require("node:child_process");
const fs = require("node:fs");

/**
 * When a process started, as an opaque string: together with the pid it names one process for ever, whereas a pid
 * alone is given away again. Undefined when no such process is alive.
 *
 * Linux: boot id and start tick of /proc/<pid>/stat (proc(5), field 22). Elsewhere: `ps -o lstart`. Where neither
 * answers (Windows) a living pid is all that can be known, and it is reported as "unknown".
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
function processStart(pid) {
  if (!isAlive(pid)) return undefined;
  if (process.platform === "linux") {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command name (field 2) may hold spaces and parentheses; the fields after the last ")" may not.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z" || fields[0] === "X") return undefined;
      return `${fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
    } catch (error) {
      // ESRCH: it ended between two system calls.
      return error.code === "ENOENT" || error.code === "ESRCH" ? undefined : "unknown";
    }
  }
  if (process.platform === "win32") return "unknown";
  try {
    const line = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env: { LC_ALL: "C" } });
    return line.trim() || undefined;
  } catch {
    return isAlive(pid) ? "unknown" : undefined;
  }
}

/**
 * Is the process that once was (pid, start) still alive?
 *
 * @param {{ pid: number, start: string }} identity
 */
function isSameProcess({ pid, start }) {
  const now = processStart(pid);
  return now !== undefined && (now === start || now === "unknown" || start === "unknown");
}

function isAlive(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

module.exports = { processStart, isSameProcess };
