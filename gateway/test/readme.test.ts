import { readFileSync } from "node:fs";
import path from "node:path";
import { settingDefaults } from "../config";

/** Name and default of each row of the table of settings. */
function documented(): ReadonlyMap<string, string> {
  const text = readFileSync(path.join(__dirname, "../README.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([A-Z_]+)`\s*\| ([^|]*?)\s*\|/gm)];
  return new Map(rows.map(([, name = "", standard = ""]) => [name, standard]));
}

describe("the table of settings in gateway/README.md", () => {
  it("names every setting, and no other", () => {
    expect([...documented().keys()].sort()).toEqual([...settingDefaults().keys()].sort());
  });

  it("tells the default of each", () => {
    const expected = [...settingDefaults()].map(([name, value]) => [name, String(value ?? "")]);
    expect([...documented()].sort()).toEqual(
      expected.map(([name = "", value]) => [name, EXPLAINED[name] ?? value]).sort(),
    );
  });
});

const EXPLAINED: Readonly<Record<string, string>> = { SUPERGRAPH_FILE: "required" };
