import type { DifferentialCase, Verdict } from "./differential-case";

/** A disagreement as text: first what is wrong, then a test to paste into regressions.test.ts. */
export function printCase(title: string, subject: DifferentialCase, verdict: Verdict): string {
  const { subgraphs, data, operation } = subject;
  const sdls = subgraphs
    .map(
      ({ name, sdl }) =>
        `    { name: "${name}", sdl: FEDERATION + ${template(sdl.replace(/^extend schema.*\n/, ""))} },`,
    )
    .join("\n");
  const operationName = operation.operationName ? `, operationName: "${operation.operationName}"` : "";
  return [
    `// ${title}`,
    ...verdict.disagreements
      .slice(0, 5)
      .map(({ kind, path, detail }) => `// ${kind} at ${path.join(".") || "(root)"}: ${detail}`),
    `// truth: ${clipped(verdict.truth)}`,
    `// given: ${clipped(verdict.outcome)}`,
    ...(verdict.plan ?? "").split("\n").map((line) => `// ${line}`),
    `test("${title}", async () => {`,
    `  await expectAgreement({`,
    `    subgraphs: [`,
    sdls,
    `    ],`,
    `    data: ${JSON.stringify(data)},`,
    `    operation: { document: ${template(operation.document)}, variables: ${JSON.stringify(operation.variables)}${operationName} },`,
    `  });`,
    `});`,
  ].join("\n");
}

const template = (text: string): string => `\`${text.trim().replace(/[\\`]|\$\{/g, "\\$&")}\``;
const clipped = (value: unknown): string => JSON.stringify(value).slice(0, 2_000);
