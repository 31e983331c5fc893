import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The root of the checkout, whether this runs from sources or from dist/. */
export const REPOSITORY_ROOT = findRoot(__dirname);

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("this file is not inside the repository");
  return findRoot(parent);
}

/** A file that is made by a command and committed, so that its diff can be reviewed. */
export interface GeneratedFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

export const readRepositoryFile = (path: string): string => readFileSync(join(REPOSITORY_ROOT, path), "utf8");

export function writeGenerated({ path, text }: GeneratedFile): void {
  const file = join(REPOSITORY_ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** True when the committed file is what the command makes now. */
export const isUpToDate = ({ path, text }: GeneratedFile): boolean =>
  existsSync(join(REPOSITORY_ROOT, path)) && readRepositoryFile(path) === text;

/** Every `.graphql` file below a folder, as paths relative to the root, in alphabetical order. */
export function graphqlFiles(folder: string): string[] {
  const start = join(REPOSITORY_ROOT, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".graphql"))
    .map((name) => relative(REPOSITORY_ROOT, join(start, name)).replaceAll("\\", "/"))
    .sort();
}
