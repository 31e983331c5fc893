/** It takes several megabytes, and a process that never asks anybody over it needs none of them. */
export const loadUndici = () =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- where it is wanted, at once
  require("undici") as typeof import("undici");
