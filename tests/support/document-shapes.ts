import {
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** A request, with the schema that its document is for. */
export interface AskedDocument {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** `object { ... on Abstract { ... on Other { … } } }` or `object { ... on Abstract { __typename } }`. */
export const narrowsInsideAbstractFragment = (asked: AskedDocument): boolean =>
  someSelectionSet(asked, (node, parent) => isObjectType(parent) && narrows(node, parent, asked));

function narrows(node: SelectionSetNode, parent: GraphQLCompositeType, asked: AskedDocument): boolean {
  return node.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return isAbstractType(parent) && selection.name.value === '__typename';
    const { typeCondition, selectionSet } = fragmentOf(selection, asked);
    const condition = typeCondition && asked.schema.getType(typeCondition.name.value);
    if (isAbstractType(parent) && condition && condition !== parent) return true;
    return narrows(selectionSet, isCompositeType(condition) ? condition : parent, asked);
  });
}

/** A field whose selections are all left out by their conditions: what remains of it is `{}`. */
export const hasFieldWithoutSelections = (asked: AskedDocument): boolean => {
  const isEmpty = ({ selections }: SelectionSetNode): boolean =>
    selections.every(
      (selection) =>
        isLeftOut(selection, asked) ||
        (selection.kind !== Kind.FIELD && isEmpty(fragmentOf(selection, asked).selectionSet)),
    );
  return someField(asked, ({ selectionSet }) => selectionSet !== undefined && isEmpty(selectionSet));
};

/** A field that is left out by a condition of its own or of a fragment that it stands in. */
export const leavesOut = (asked: AskedDocument, fields: readonly string[]): boolean => {
  const isOut = ({ selections }: SelectionSetNode, isInside: boolean): boolean =>
    selections.some((selection) => {
      const isLeft = isInside || isLeftOut(selection, asked);
      if (selection.kind === Kind.FIELD) return isLeft && fields.includes(selection.name.value);
      return isOut(fragmentOf(selection, asked).selectionSet, isLeft);
    });
  return someField(asked, ({ selectionSet }) => selectionSet !== undefined && isOut(selectionSet, false));
};

/** A field under the name of another field that may be fetched to find the object in another subgraph. */
export const hidesField = (asked: AskedDocument, fields: readonly string[]): boolean =>
  someField(asked, ({ alias, name }) => fields.includes(alias?.value ?? '') && alias?.value !== name.value);

function someField(asked: AskedDocument, isWanted: (node: FieldNode) => boolean): boolean {
  let isFound = false;
  visit(asked.document, { Field: (node) => void (isFound ||= isWanted(node)) });
  return isFound;
}

function someSelectionSet(
  { schema, document }: AskedDocument,
  isWanted: (node: SelectionSetNode, parent: GraphQLCompositeType) => boolean,
): boolean {
  const typeInfo = new TypeInfo(schema);
  let isFound = false;
  const look = (node: SelectionSetNode) => {
    const parent = typeInfo.getParentType();
    if (parent) isFound ||= isWanted(node, parent);
  };
  visit(document, visitWithTypeInfo(typeInfo, { SelectionSet: look }));
  return isFound;
}

const fragmentOf = (
  selection: InlineFragmentNode | FragmentSpreadNode,
  { document }: AskedDocument,
): InlineFragmentNode | FragmentDefinitionNode => {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
  const name = selection.name.value;
  const found = document.definitions.find(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  );
  if (found?.kind === Kind.FRAGMENT_DEFINITION) return found;
  throw new Error(`Expected a fragment "${name}", but the document has none`);
};

const operationsOf = (document: DocumentNode): readonly OperationDefinitionNode[] =>
  document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

/** What `@skip` and `@include` say with the values of this request. */
const isLeftOut = ({ directives = [] }: SelectionNode, asked: AskedDocument): boolean =>
  directives.some(({ name, arguments: [condition] = [] }) => {
    const values = { ...defaultsOf(asked), ...asked.variables };
    const isTrue = condition && valueFromASTUntyped(condition.value, values) === true;
    return name.value === 'skip' ? isTrue : !isTrue;
  });

const defaultsOf = ({ document }: AskedDocument): Record<string, unknown> =>
  Object.fromEntries(
    operationsOf(document)
      .flatMap(({ variableDefinitions = [] }) => variableDefinitions)
      .flatMap(({ variable, defaultValue }) =>
        defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
      ),
  );
