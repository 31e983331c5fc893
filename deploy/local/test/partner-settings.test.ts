import fs from "node:fs";
import path from "node:path";
import { readPartnerSettings, removePartnerSettings, writePartnerSettings } from "../bootstrap/partner-settings.cjs";
import { useTemporaryFolder } from "./temporary-folder";

const folder = useTemporaryFolder();
const settings = {
  PARTNERS_DATABASE_URL: "postgres://tributary:pass@127.0.0.1:1/partners",
  PARTNER_KEY_PEPPER: "p".repeat(32),
};
const read = (env: Record<string, string> = {}) => readPartnerSettings(folder(), env);

describe("what npm run partners is told of the platform that runs here", () => {
  it("is its database and pepper, from the data directory, for this user only", () => {
    fs.mkdirSync(path.join(folder(), ".data"));
    writePartnerSettings(path.join(folder(), ".data"), { ...settings, OTHER: "secret" } as typeof settings);
    expect(read()).toEqual(settings);
    expect(fs.statSync(path.join(folder(), ".data/partners.json")).mode & 0o077).toBe(0);
  });

  it("is found in the data directory that is set, relative to the repository or not", () => {
    const shop = path.join(folder(), "shop");
    fs.mkdirSync(shop);
    writePartnerSettings(shop, settings);
    expect(read({ TRIBUTARY_DATA_DIR: "shop" })).toEqual(settings);
    expect(read({ TRIBUTARY_DATA_DIR: shop })).toEqual(settings);
    expect(read()).toEqual({});
  });

  it("is nothing once it was stopped, nor for whoever names a database of their own", () => {
    fs.mkdirSync(path.join(folder(), ".data"));
    writePartnerSettings(path.join(folder(), ".data"), settings);
    expect(read({ PARTNERS_DATABASE_URL: "postgres://production/partners" })).toEqual({});
    removePartnerSettings(path.join(folder(), ".data"));
    removePartnerSettings(path.join(folder(), ".data"));
    expect(read()).toEqual({});
  });
});
