import fs from "node:fs";
import path from "node:path";
import { readOrCreateSecrets } from "../secrets";
import { useTemporaryFolder } from "./temporary-folder";

describe("readOrCreateSecrets", () => {
  const folder = useTemporaryFolder();

  it("generates secrets once and reads the same ones ever after", () => {
    const first = readOrCreateSecrets(folder());
    expect(readOrCreateSecrets(folder())).toEqual(first);
    expect(new Set(Object.values(first)).size).toBe(4);
    expect(first.INTERNAL_SECRET.length).toBeGreaterThanOrEqual(32);
  });

  it("lets nobody else read them", () => {
    readOrCreateSecrets(folder());
    expect(fs.statSync(path.join(folder(), "secrets.json")).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["half a file", '{"INTERNAL_SECRET": "abc'],
    ["a secret too short to be one", '{"INTERNAL_SECRET": "abc"}'],
  ])("says which file is damaged when it finds %s, and keeps it", (_, content) => {
    const file = path.join(folder(), "secrets.json");
    fs.writeFileSync(file, content);
    expect(() => readOrCreateSecrets(folder())).toThrow(`${file} is damaged`);
    expect(fs.readFileSync(file, "utf8")).toBe(content);
  });
});
