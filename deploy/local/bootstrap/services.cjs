const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const { listSources } = require("./build.cjs");

const patienceMs = 3_000;
const defaults = {
  TEST_POSTGRES_URL: "postgres://postgres@127.0.0.1:5432/postgres",
  TEST_AMQP_URL: "amqp://guest:guest@127.0.0.1:5672",
  TEST_REDIS_URL: "redis://127.0.0.1:6379",
};

/** What each server says first when greeted: an open port alone may be a server that is still starting. */
const greetings = {
  TEST_POSTGRES_URL: { name: "PostgreSQL", port: 5432, hello: Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]) },
  TEST_AMQP_URL: { name: "RabbitMQ", port: 5672, hello: Buffer.from("AMQP\0\0\x09\x01", "latin1") },
  TEST_REDIS_URL: { name: "Redis", port: 6379, hello: Buffer.from("PING\r\n") },
};

/** The variables under which the suites find real servers; whatever the user has set wins. */
function servicesEnvironment(env) {
  const urls = Object.fromEntries(Object.entries(defaults).map(([name, url]) => [name, env[name] || url]));
  return {
    ...urls,
    REAL_POSTGRES_URL: env.REAL_POSTGRES_URL || urls.TEST_POSTGRES_URL,
    REAL_AMQP_URL: env.REAL_AMQP_URL || urls.TEST_AMQP_URL,
    TRIBUTARY_TEST_SERVICES: "1",
  };
}

/**
 * What Jest is asked to run on the real servers: the suites that reach, by their imports, a source that names one of the
 * variables above. To all others the servers make no difference, and `npm test` has run them. Who names suites gets those.
 *
 * @param {string} root the repository
 * @param {readonly string[]} args of the command line
 */
function servicesArguments(root, args) {
  const namesSuites = args.some((arg) => !arg.startsWith("-") || arg.startsWith("--testPath"));
  return namesSuites ? [...args] : [...args, "--findRelatedTests", ...sourcesThatAskForServices(root)];
}

function sourcesThatAskForServices(root) {
  const variable = new RegExp(`\\b(${Object.keys(servicesEnvironment({})).join("|")})\\b`);
  return listSources(root)
    .map(({ source }) => source)
    .filter((source) => variable.test(fs.readFileSync(path.join(root, source), "utf8")));
}

/** One sentence for each server that does not answer. */
async function unreachable(environment) {
  const answers = Object.entries(greetings).map(async ([setting, greeting]) => {
    const url = parse(environment[setting]);
    if (!url) return `${setting} is not a URL.`;
    const where = `${url.hostname}:${url.port || greeting.port}`;
    if (await answersTo(url, greeting)) return undefined;
    return `${greeting.name} does not answer at ${where}; start it there or set ${setting} to where it is.`;
  });
  return (await Promise.all(answers)).filter((sentence) => sentence !== undefined);
}

function answersTo(url, { port, hello }) {
  const tls = url.protocol.endsWith("s:") && url.protocol !== "postgres:";
  return new Promise((resolve) => {
    const socket = net.connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port) || port });
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patienceMs, () => finish(false));
    socket.on("error", () => finish(false));
    socket.on("close", () => finish(false));
    socket.on("connect", () => (tls ? finish(true) : socket.write(hello)));
    socket.on("data", () => finish(true));
  });
}

function parse(text) {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

module.exports = { servicesArguments, servicesEnvironment, unreachable };
