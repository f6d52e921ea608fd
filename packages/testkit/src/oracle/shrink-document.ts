import {
  Kind,
  typeFromAST,
  validate,
  visit,
  type ASTNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';

import { finishDocument, operationsOf, replaceNode } from './finish-document.ts';
import { toLiteral } from './literals.ts';

/** What a document is run with. */
export interface DocumentUse {
  readonly document: DocumentNode;
  /** Absent for a document with one operation. */
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** One step towards something smaller: `null` removes the target. */
type Edit = readonly [target: ASTNode, replacement: ASTNode | null];

/**
 * Gives smaller documents of which each is valid, large steps first: other operations go, then halves of selection
 * sets, single selections, fragments, arguments, directives, aliases; variables become literals.
 */
export function* shrinkDocument(schema: GraphQLSchema, use: DocumentUse): Generator<DocumentNode> {
  const { document } = use;
  const definitions = operationsOf(document).flatMap(({ variableDefinitions = [] }) => variableDefinitions);
  for (const [target, replacement] of editsOf(schema, use, definitions)) {
    const edited = replaceNode(document, target, replacement);
    const smaller = finishDocument(schema, edited, uniqueByName(definitions));
    if (validate(schema, smaller).length === 0) yield smaller;
  }
}

function* editsOf(
  schema: GraphQLSchema,
  { document, operationName, variables }: DocumentUse,
  definitions: readonly VariableDefinitionNode[],
): Generator<Edit> {
  for (const operation of operationsOf(document)) {
    if (operationName !== undefined && operation.name?.value !== operationName) yield [operation, null];
  }
  const nodes = nodesOf(document);
  for (const node of nodes) if (node.kind === Kind.SELECTION_SET) yield* halves(node);
  for (const node of nodes) if (node.kind === Kind.SELECTION_SET) yield* withoutOne(node);
  for (const node of nodes) {
    if (node.kind === Kind.SELECTION_SET) yield* withoutFragments(node, document);
    if (node.kind === Kind.FIELD) yield* simplerFields(node);
    if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD || node.kind === Kind.DIRECTIVE) {
      yield [node, null];
    }
    if (node.kind === Kind.LIST) yield* node.values.map((value): Edit => [value, null]);
    if (node.kind === Kind.VARIABLE) yield* asLiteral(node, schema, definitions, variables);
  }
  for (const node of nodes) if (node.kind === Kind.SELECTION_SET) yield* deeperSets(node);
  const [operation, ...others] = operationsOf(document);
  if (operation?.name && others.length === 0) {
    const { name: _name, ...anonymous } = operation;
    yield [operation, anonymous];
  }
}

/** Parents before what is in them, since a parent that goes takes all of it along. */
function nodesOf(document: DocumentNode): readonly ASTNode[] {
  const nodes: ASTNode[] = [];
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.VARIABLE_DEFINITION) return false;
      nodes.push(node);
      return undefined;
    },
  });
  return nodes;
}

function* halves(node: SelectionSetNode): Generator<Edit> {
  const { selections } = node;
  if (selections.length < 4) return;
  const middle = selections.length / 2;
  yield [node, { ...node, selections: selections.slice(0, middle) }];
  yield [node, { ...node, selections: selections.slice(middle) }];
}

/** What is selected further down may stand here, if the types allow it: that shortens the way to it. */
function* deeperSets(node: SelectionSetNode): Generator<Edit> {
  const deeper: SelectionSetNode[] = [];
  visit(node, { SelectionSet: (inner) => void deeper.push(inner) });
  for (const inner of deeper.slice(1)) yield [node, inner];
}

function* withoutOne({ selections }: SelectionSetNode): Generator<Edit> {
  if (selections.length > 1) for (const selection of selections) yield [selection, null];
}

/** What is in a fragment stands where the fragment stood; one with a name first becomes one without. */
function* withoutFragments(node: SelectionSetNode, document: DocumentNode): Generator<Edit> {
  for (const selection of node.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const unpacked = (other: SelectionNode) =>
        other === selection ? selection.selectionSet.selections : [other];
      yield [node, { ...node, selections: node.selections.flatMap(unpacked) }];
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const { typeCondition, selectionSet } = definitionOf(document, selection.name.value);
      const { directives } = selection;
      // A copy: the nodes of a document are told apart by identity.
      const inline = structuredClone({ typeCondition, directives, selectionSet });
      yield [selection, { kind: Kind.INLINE_FRAGMENT, ...inline } as SelectionNode];
    }
  }
}

function definitionOf(document: DocumentNode, name: string): FragmentDefinitionNode {
  const found = document.definitions.find(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  );
  if (found?.kind === Kind.FRAGMENT_DEFINITION) return found;
  throw new Error(`Expected a fragment "${name}", but the document has none`);
}

function* simplerFields(node: FieldNode): Generator<Edit> {
  const { alias, ...unnamed } = node;
  if (alias) yield [node, unnamed];
  const { selectionSet } = node;
  const [first] = selectionSet?.selections ?? [];
  const isBare = selectionSet?.selections.length === 1 && first?.kind === Kind.FIELD && !first.selectionSet;
  if (!selectionSet || isBare) return;
  const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
  yield [selectionSet, { ...selectionSet, selections: [typename] }];
}

function* asLiteral(
  node: VariableNode,
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  variables: Readonly<Record<string, unknown>>,
): Generator<Edit> {
  const name = node.name.value;
  const definition = definitions.find(({ variable }) => variable.name.value === name);
  if (!definition) return;
  yield [node, literalOf(definition, schema, variables[name])];
}

function literalOf(
  { type, defaultValue }: VariableDefinitionNode,
  schema: GraphQLSchema,
  value: unknown,
): ConstValueNode {
  // `undefined` is left out by the request.
  if (value === undefined && defaultValue) return defaultValue;
  return toLiteral(value, typeFromAST(schema, type as never) as GraphQLInputType | undefined);
}

const uniqueByName = (definitions: readonly VariableDefinitionNode[]): readonly VariableDefinitionNode[] => [
  ...new Map(definitions.map((definition) => [definition.variable.name.value, definition])).values(),
];
