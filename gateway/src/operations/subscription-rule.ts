import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  SingleFieldSubscriptionsRule,
  type ASTVisitor,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/**
 * One field, which no variable can take away: what a subscription without its field would listen to nobody can say. The
 * rule of graphql-js asks for the one field, and throws at a condition that it cannot decide.
 */
export function subscriptionRule(context: ValidationContext): ASTVisitor {
  const single = SingleFieldSubscriptionsRule(context) as {
    OperationDefinition(node: OperationDefinitionNode): undefined;
  };
  return {
    OperationDefinition(node) {
      if (node.operation !== OperationTypeNode.SUBSCRIPTION) return false;
      const conditions = [...selectionsAtTop(node.selectionSet, context)].flatMap(
        ({ directives = [] }) =>
          directives.find(({ name }) => ['skip', 'include'].includes(name.value)) ?? [],
      );
      for (const condition of conditions) {
        const { value } = condition.name;
        const message = `Expected the field of a subscription without @${value}, which belongs beneath it`;
        context.reportError(new GraphQLError(message, { nodes: [condition] }));
      }
      if (conditions.length === 0) single.OperationDefinition(node);
      return false;
    },
  };
}

function* selectionsAtTop(
  { selections }: SelectionSetNode,
  context: ValidationContext,
  seen = new Set<FragmentDefinitionNode>(),
): Generator<SelectionNode> {
  for (const selection of selections) {
    yield selection;
    if (selection.kind === Kind.INLINE_FRAGMENT)
      yield* selectionsAtTop(selection.selectionSet, context, seen);
    if (selection.kind !== Kind.FRAGMENT_SPREAD) continue;
    const fragment = context.getFragment(selection.name.value);
    if (!fragment || seen.has(fragment)) continue;
    seen.add(fragment);
    yield* selectionsAtTop(fragment.selectionSet, context, seen);
  }
}
