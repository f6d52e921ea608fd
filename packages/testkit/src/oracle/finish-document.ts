import {
  Kind,
  OverlappingFieldsCanBeMergedRule,
  validate,
  visit,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql';

/**
 * Makes a document valid that is not yet: selections that do not merge get aliases of their own, fragments that nobody
 * spreads go, and each operation declares the variables that it uses.
 */
export const finishDocument = (
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: readonly VariableDefinitionNode[],
): DocumentNode => declareVariables(withoutConflicts(schema, withoutUnusedFragments(document)), variables);

/**
 * Asks graphql-js itself which fields conflict and renames the last of each group, until there is no conflict. Names
 * as `field1` are given nowhere else, so each round settles at least one.
 */
function withoutConflicts(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  let current = document;
  for (let count = 1; ; count += 1) {
    const [conflict] = validate(schema, current, [OverlappingFieldsCanBeMergedRule]);
    const field = conflict?.nodes?.at(-1);
    if (!field) return current;
    const alias = { kind: Kind.NAME, value: `field${count}` } as const;
    current = replaceNode(current, field, { ...(field as FieldNode), alias });
  }
}

/** The fragments that an operation uses, also within each other. */
function fragmentsOf(document: DocumentNode, root: ASTNode): ReadonlySet<FragmentDefinitionNode> {
  const definitions = document.definitions.filter(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION,
  );
  const used = new Set<FragmentDefinitionNode>();
  const collect = (node: ASTNode) =>
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = definitions.find((definition) => definition.name.value === name.value);
        if (!fragment || used.has(fragment)) return;
        used.add(fragment);
        collect(fragment);
      },
    });
  collect(root);
  return used;
}

export const operationsOf = (document: DocumentNode): readonly OperationDefinitionNode[] =>
  document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

function withoutUnusedFragments(document: DocumentNode): DocumentNode {
  const operations = operationsOf(document);
  const used = new Set(operations.flatMap((operation) => [...fragmentsOf(document, operation)]));
  return {
    ...document,
    definitions: document.definitions.filter(
      (definition) => definition.kind !== Kind.FRAGMENT_DEFINITION || used.has(definition),
    ),
  };
}

function declareVariables(
  document: DocumentNode,
  variables: readonly VariableDefinitionNode[],
): DocumentNode {
  const declare = (operation: OperationDefinitionNode): OperationDefinitionNode => {
    const { variableDefinitions: _before, ...rest } = operation;
    const names = variablesIn([rest, ...fragmentsOf(document, rest)]);
    const variableDefinitions = variables.filter(({ variable }) => names.has(variable.name.value));
    return { ...rest, variableDefinitions };
  };
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? declare(definition) : definition,
    ),
  };
}

function variablesIn(nodes: readonly ASTNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes) visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}

/** Copies a document with one node, known by identity, replaced; `null` removes it. */
export const replaceNode = (
  document: DocumentNode,
  target: ASTNode,
  replacement: ASTNode | null,
): DocumentNode =>
  visit(document, {
    enter: (node) => (node === target ? replacement : undefined),
  });
