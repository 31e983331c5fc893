import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** A folder for each test of the file, gone after it. */
export function useTemporaryFolder(): () => string {
  let folder = "";
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-deploy-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
