export type LockedPackages = Record<string, { version?: string; optional?: boolean; devOptional?: boolean }>;
export declare function isInstalled(wanted: LockedPackages, installed: LockedPackages): boolean;
