export declare function processStart(pid: number): string | undefined;
export declare function isSameProcess(identity: { pid: number; start: string }): boolean;
