import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  visit,
  type ASTNode,
  type ASTVisitor,
  type DirectiveNode,
  type ValidationContext,
  type ValueNode,
} from 'graphql';

/** What the specification asks of `@defer`, and graphql-js checks from version 17 on. */
export const deferRules: readonly ((context: ValidationContext) => ASTVisitor)[] = [
  labelsAreUnique,
  rootsAreNotDeferred,
  subscriptionsDoNotDefer,
];

/** A label is what a client tells parts apart by. */
function labelsAreUnique(context: ValidationContext): ASTVisitor {
  const known = new Map<string, DirectiveNode>();
  return {
    Directive(node) {
      const label = isDefer(node) ? argumentOf(node, 'label') : undefined;
      if (!label) return;
      if (label.kind === Kind.VARIABLE) {
        report(context, 'Expected the label of @defer to be written in the document, but got a variable', [
          node,
        ]);
      }
      if (label.kind !== Kind.STRING) return;
      const first = known.get(label.value);
      if (first) {
        report(context, `Expected every label of @defer once, but got "${label.value}" twice`, [first, node]);
      } else {
        known.set(label.value, node);
      }
    },
  };
}

/** The fields of a mutation run one after the other: none of them can come later. */
function rootsAreNotDeferred(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      const parent = context.getParentType();
      if (!isDefer(node) || !parent) return;
      const schema = context.getSchema();
      const root = [schema.getMutationType(), schema.getSubscriptionType()].find((type) => type === parent);
      if (root)
        report(context, `Expected @defer beneath the fields of "${root.name}", but it is beside them`, [
          node,
        ]);
    },
  };
}

/** An event is one answer; a client may still turn all parts of a document off, for it to serve both. */
function subscriptionsDoNotDefer(context: ValidationContext): ASTVisitor {
  // Once for all subscriptions: a document may have a thousand of them, and one large fragment for all.
  const seen = new Set<ASTNode>();
  return {
    OperationDefinition(operation) {
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return false;
      for (const node of [operation, ...context.getRecursivelyReferencedFragments(operation)]) {
        if (seen.has(node)) continue;
        seen.add(node);
        visit(node, {
          Directive(directive) {
            if (isDefer(directive) && !mayBeOff(directive))
              report(context, 'Expected a subscription without @defer, or with its "if" being false', [
                directive,
              ]);
          },
        });
      }
      return false;
    },
  };
}

const isDefer = ({ name }: DirectiveNode): boolean => name.value === 'defer';

const argumentOf = (directive: DirectiveNode, argument: string): ValueNode | undefined =>
  directive.arguments?.find(({ name }) => name.value === argument)?.value;

function mayBeOff(directive: DirectiveNode): boolean {
  const condition = argumentOf(directive, 'if');
  return condition?.kind === Kind.VARIABLE || (condition?.kind === Kind.BOOLEAN && !condition.value);
}

const report = (context: ValidationContext, message: string, nodes: readonly ASTNode[]): void =>
  context.reportError(new GraphQLError(message, { nodes }));
