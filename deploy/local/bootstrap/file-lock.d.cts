export declare function tryLock(file: string): { release(): void; heldBy?: undefined } | { heldBy: number };
