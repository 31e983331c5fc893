const os = require("node:os");

/** Unit and contract suites live in `test/` of their room, stories in `e2e/<story>/`. */
const base = {
  rootDir: __dirname,
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest"] },
  setupFiles: ["reflect-metadata"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.data/"],
  watchPathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.data/"],
};

module.exports = {
  // A limit for what hangs, not for what is slow: processors are shared.
  testTimeout: 30_000,
  // Most tests wait for a server, not for the processor: two at once pay off on two cores too.
  maxWorkers: Math.max(2, os.availableParallelism() - 1),
  // A worker with many modules and nothing left to do takes its time to end on a busy machine; one that is held by a
  // socket or a timer that a suite forgot never ends, and is reported.
  workerGracefulExitTimeout: 10_000,
  projects: [
    {
      ...base,
      displayName: "suites",
      testMatch: ["<rootDir>/{kit,schema,gateway,subgraphs,deploy}/**/test/**/*.test.ts"],
      globalSetup: "<rootDir>/e2e/harness/start-servers.ts",
      globalTeardown: "<rootDir>/e2e/harness/stop-servers.ts",
    },
    { ...base, displayName: "stories", testMatch: ["<rootDir>/e2e/*/*.e2e.ts"] },
  ],
};
