import { Field, InterfaceType } from "type-graphql";

/**
 * What every refusal that a client can act on has in common. A subgraph extends it,
 * `@ObjectType({ implements: ErrorInterface }) class EmailTakenError extends ErrorInterface`, and returns an instance as a member of a
 * result union; it is never thrown. Declared here once so that the subgraphs' copies compose.
 */
@InterfaceType("Error", {
  description: "A refusal that you can act on. The types that implement it say what is special about each.",
})
export abstract class ErrorInterface {
  @Field(() => String, { description: "Stable, for programs: compare this, never the message." })
  readonly code: string;

  @Field(() => String, { description: "One sentence for people, in English." })
  readonly message: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere.',
  })
  readonly path: string[] | null;

  constructor(code: string, message: string, path: string[] | null = null) {
    this.code = code;
    this.message = message;
    this.path = path;
  }
}
