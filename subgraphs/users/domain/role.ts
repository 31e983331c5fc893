/** What a person may be. Roles are given, scopes follow from them. */
export const ROLES = ["CUSTOMER", "STAFF", "ADMIN"] as const;

export type Role = (typeof ROLES)[number];

const STAFF_SCOPES = ["orders:own", "orders:read", "orders:write", "products:write", "users:read"] as const;

const SCOPES: Readonly<Record<Role, readonly string[]>> = {
  CUSTOMER: ["orders:own"],
  STAFF: STAFF_SCOPES,
  ADMIN: [...STAFF_SCOPES, "users:write"],
};

/** Every scope that at least one of the roles brings, each once, sorted. */
export const scopesOf = (roles: readonly Role[]): string[] =>
  [...new Set(roles.flatMap((role) => SCOPES[role]))].sort();
