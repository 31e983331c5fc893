import { Directive, Field, ObjectType } from "type-graphql";

/** https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo */
@ObjectType({ description: "Where a page stands in its list." })
@Directive("@shareable")
export class PageInfo {
  @Field(() => Boolean, { description: "Whether there is more behind this page: ask with `after: endCursor`." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether there is more before this page: ask with `before: startCursor`." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "The cursor of the first item; null on an empty page." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "The cursor of the last item; null on an empty page." })
  endCursor!: string | null;
}
