import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { watchFileChanges } from "../watch-file";

describe("watching a file", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), "tributary-watch-"))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("a change is told although others never stop writing beside it", async () => {
    const file = path.join(folder, "supergraph.graphql");
    await writeFile(file, "one");
    let isTold = false;
    const watch = watchFileChanges(file, () => (isTold = true));
    try {
      await writeFile(`${file}.next`, "two");
      await rename(`${file}.next`, file);
      while (!isTold) await writeFile(path.join(folder, "others.log"), "busy");
    } finally {
      watch.close();
    }
  });
});
