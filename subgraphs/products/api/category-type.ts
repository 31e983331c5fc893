import { Ctx, Directive, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { VIEWER_INDEPENDENT } from "../../../kit/subgraph/event-directive";
import type { Category } from "../domain/product";
import type { ProductsContext } from "./loaders";

@ObjectType("Category", { description: "A place in the shop's tree of categories." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "slug")')
@Directive(VIEWER_INDEPENDENT)
export class CategoryType {
  @Field(() => ID, { description: "The category's id." })
  id!: string;

  @Field(() => String, { description: "Names the category in addresses of pages: small letters, digits and dashes." })
  slug!: string;

  @Field(() => String, { description: "The name that people read." })
  name!: string;
}

@Resolver(() => CategoryType)
export class CategoryFields {
  @FieldResolver(() => CategoryType, {
    nullable: true,
    description: "The category above it; null at the top of the tree.",
  })
  async parent(@Root() { parentId }: Category, @Ctx() { loaders }: ProductsContext): Promise<Category | null> {
    return parentId === null ? null : loaders.categoryById(parentId);
  }

  @FieldResolver(() => [CategoryType], { description: "The categories right below it, by name." })
  async children(@Root() { id }: Category, @Ctx() { loaders }: ProductsContext): Promise<readonly Category[]> {
    return loaders.childrenOf(id);
  }
}
