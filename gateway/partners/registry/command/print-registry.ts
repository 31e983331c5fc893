import type { PublishedSet } from "../publish-operations";
import type { DraftText, StoredPartner, StoredVersion } from "../registry-store";

const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? "";

/** Versions of a partner, the newest first, and operations that go by themselves. */
export function printPartner({ slug, versions, deprecations }: StoredPartner, now: Date): string {
  if (versions.length === 0) return `${slug}: nothing is published.`;
  return [
    `${slug}`,
    ...versions.map((version) => `  ${printVersion(version, now)}`),
    ...deprecations.map(
      ({ name, sunsetAt, successor }) =>
        `  ${name} is ${sunsetAt > now ? "deprecated until" : "retired since"} ${day(sunsetAt)}${successor === null ? "" : `, ${successor} takes its place`}`,
    ),
  ].join("\n");
}

function printVersion(version: StoredVersion, now: Date): string {
  const { number, author, note, createdAt, operations } = version;
  const names = operations.map(({ name }) => name).join(", ");
  return `version ${number}  ${stateInWords(version, now)}  published ${day(createdAt)} by ${author}${note === "" ? "" : ` (${note})`}: ${names}`;
}

function stateInWords({ state, sunsetAt, retiredAt }: StoredVersion, now: Date): string {
  if (state === "retired") return `retired ${day(retiredAt)}`;
  if (state !== "deprecated" || sunsetAt === null) return state;
  return sunsetAt > now ? `deprecated until ${day(sunsetAt)}` : `retired ${day(sunsetAt)}`;
}

export function printOperations(slug: string, version: number, operations: readonly DraftText[]): string {
  const texts = operations.map(({ id, name, rest, body }) => {
    const address = rest ? `\n# ${rest.method} ${rest.path}` : "";
    return `# ${name}\n# ${id}${address}\n${body.trimEnd()}\n`;
  });
  return [`# ${slug}, version ${version}`, ...texts].join("\n");
}

export function printPublished(sets: readonly PublishedSet[], options: { isDryRun: boolean; state: string }): string {
  return sets
    .map(({ partner, version, sameAs, lines }) => {
      const outcome =
        sameAs !== undefined
          ? `nothing changes, version ${sameAs} holds the same.`
          : version === undefined
            ? `would be published${options.isDryRun ? "; this was a dry run" : ""}.`
            : `version ${version} is ${options.state}.`;
      return [`${partner}: ${outcome}`, ...lines.map((line) => `  ${line}`)].join("\n");
    })
    .join("\n");
}
