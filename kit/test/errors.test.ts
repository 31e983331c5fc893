import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../errors";

test("docs/errors.md lists exactly the codes of the catalogue, with their meanings", () => {
  const text = readFileSync(join(__dirname, "../../docs/errors.md"), "utf8");
  const rows = [...text.matchAll(/^\|\s*`([A-Z_]+)`\s*\|\s*(.*?)\s*\|$/gm)].map(([, code, meaning]) => [code, meaning]);
  expect(Object.fromEntries(rows)).toEqual(ERROR_CODES);
});
