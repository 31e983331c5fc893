export interface BuildPlan {
  changed: string[];
  unchanged: Record<string, { mtimeMs: number; size: number; hash: string }>;
  files: Record<string, { mtimeMs: number; size: number; hash: string }>;
  staleOutputs: string[];
  retimed: boolean;
}
export declare function planBuild(
  sources: { source: string; mtimeMs: number; size: number }[],
  before: Record<string, { mtimeMs: number; size: number; hash: string }>,
  disk: { hashOf(source: string): string; hasOutput(output: string): boolean },
): BuildPlan;
export declare function outputsOf(source: string): string[];
