import {
  type ASTVisitor,
  type DirectiveNode,
  GraphQLError,
  Kind,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

const DEFER = "defer";

/** Says no to every `@defer`, where nobody can answer in parts. */
export const noDeferRule: ValidationRule = (context): ASTVisitor => ({
  Directive: (node) => {
    if (node.name.value === DEFER)
      report(context, node, "This gateway does not defer: leave out the directive @defer.");
  },
});

/**
 * Where `@defer` may stand and how it is labelled, which graphql-js 16 does not check.
 * https://github.com/graphql/graphql-spec/pull/1110 (sections "Defer And Stream Directives …")
 */
export const deferRule: ValidationRule = (context): ASTVisitor => {
  const labels = new Set<string>();
  let isSubscription = false;
  return {
    OperationDefinition: ({ operation }) => {
      isSubscription = operation === "subscription";
    },
    FragmentDefinition: () => {
      isSubscription = false;
    },
    Directive: (node) => {
      if (node.name.value !== DEFER) return;
      const schema = context.getSchema();
      const parent = context.getParentType();
      if (isSubscription || (parent && parent === schema.getSubscriptionType())) {
        report(context, node, "A subscription cannot defer: each event is answered as a whole.");
      } else if (parent && parent === schema.getMutationType()) {
        report(context, node, "The fields of a mutation run one after the other and cannot be deferred.");
      }
      const label = node.arguments?.find(({ name }) => name.value === "label")?.value;
      if (!label || label.kind === Kind.NULL) return;
      if (label.kind !== Kind.STRING) {
        report(context, node, "The label of @defer must be written out in the document.");
      } else if (labels.has(label.value)) {
        report(context, node, `The label "${label.value}" of @defer must not be given twice.`);
      } else {
        labels.add(label.value);
      }
    },
  };
};

const report = (context: ValidationContext, node: DirectiveNode, message: string) =>
  context.reportError(new GraphQLError(message, { nodes: node }));
