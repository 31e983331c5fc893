import { registerEnumType } from "type-graphql";
import { ROLES } from "../domain/role";

/** The domain's roles as TypeGraphQL wants an enum: an object of names. */
export const RoleEnum = Object.fromEntries(ROLES.map((role) => [role, role])) as {
  [Role in (typeof ROLES)[number]]: Role;
};

registerEnumType(RoleEnum, {
  name: "Role",
  description: "What a user may be. The scopes in their access token follow from their roles.",
  valuesConfig: {
    CUSTOMER: { description: "Buys: places orders and sees their own." },
    STAFF: { description: "Runs the shop: products, everyone's orders, and who the users are." },
    ADMIN: { description: "Staff who may also change users." },
  },
});
