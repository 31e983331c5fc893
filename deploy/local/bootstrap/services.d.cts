export declare function servicesEnvironment(env: Record<string, string | undefined>): Record<string, string>;
export declare function unreachable(environment: Record<string, string>): Promise<string[]>;
export declare function servicesArguments(root: string, args: readonly string[]): string[];
