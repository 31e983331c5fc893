import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", ".data/", "coverage/", "schema/generated/", "gateway/http/explorer/page/"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-console": "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Only main.ts reads process.env; take a parsed configuration." },
      ],
    },
  },
  {
    // Entry points, tools and tests: they are the edge where the environment is read and text is printed.
    files: [
      "**/main.ts",
      "gateway/explain.ts",
      "gateway/partners-command.ts",
      "kit/dead-letters-command.ts",
      "**/test/**",
      "e2e/**",
      "bench/**",
      "schema/*.ts",
      "codegen.ts",
      "deploy/local/**",
    ],
    rules: {
      "no-restricted-properties": "off",
      "no-console": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["**/*.mjs", "**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
);
