const fs = require("node:fs");
const path = require("node:path");

/** Of the data directory: how the running gateway reaches partners and keys. */
const fileIn = (dataDirectory) => path.join(dataDirectory, "partners.json");

/** For this user only, like secrets.json: it holds the pepper and the password of the database. */
function writePartnerSettings(dataDirectory, { PARTNERS_DATABASE_URL, PARTNER_KEY_PEPPER }) {
  const file = fileIn(dataDirectory);
  const settings = { PARTNERS_DATABASE_URL, PARTNER_KEY_PEPPER };
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

/** The platform is stopped: nothing answers there any more. */
function removePartnerSettings(dataDirectory) {
  fs.rmSync(fileIn(dataDirectory), { force: true });
}

/**
 * What `npm run partners` is told of the platform that runs here. Whoever names a database means that one, with its own pepper: a key that was made with
 * another pepper opens nothing.
 */
function readPartnerSettings(root, env) {
  if (env.PARTNERS_DATABASE_URL) return {};
  try {
    const dataDirectory = path.resolve(root, env.TRIBUTARY_DATA_DIR || ".data");
    return JSON.parse(fs.readFileSync(fileIn(dataDirectory), "utf8"));
  } catch {
    return {};
  }
}

module.exports = { readPartnerSettings, removePartnerSettings, writePartnerSettings };
