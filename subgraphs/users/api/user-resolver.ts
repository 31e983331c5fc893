import { Arg, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { type Role } from "../domain/role";
import type { User } from "../domain/user";
import { requirePersonal, requireReadUsers } from "../domain/visibility";
import { RoleEnum } from "./role-enum";
import { UserType } from "./user-type";
import type { UsersContext } from "./users-context";

@Resolver(() => UserType)
export class UserResolver {
  @Query(() => UserType, {
    nullable: true,
    description: "Whoever is signed in; null for anonymous callers and for partners.",
  })
  async me(@Ctx() { viewer, loaders }: UsersContext): Promise<User | null> {
    if (viewer?.kind !== "user") return null;
    return (await loaders.userById.load(viewer.subject)) ?? null;
  }

  @Directive('@requiresScopes(scopes: [["users:read"]])')
  @Query(() => UserType, { nullable: true, description: "Any user, for staff; null when there is none with this id." })
  async user(
    @Arg("id", () => ID, { description: "Id of the user." }) id: string,
    @Ctx() { viewer, loaders }: UsersContext,
  ): Promise<User | null> {
    requireReadUsers(viewer);
    return (await loaders.userById.load(id)) ?? null;
  }

  @Directive("@authenticated")
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The address to log in with, in small letters. For the user and for those with the scope `users:read`.",
  })
  email(@Root() user: User, @Ctx() { viewer }: UsersContext): string {
    requirePersonal(viewer, user);
    return user.email;
  }

  @Directive("@authenticated")
  @FieldResolver(() => [RoleEnum], {
    nullable: true,
    description: "What the user may be. For the user and for those with the scope `users:read`.",
  })
  roles(@Root() user: User, @Ctx() { viewer }: UsersContext): readonly Role[] {
    requirePersonal(viewer, user);
    return user.roles;
  }
}
