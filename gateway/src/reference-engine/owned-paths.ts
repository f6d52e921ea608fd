import {
  Kind,
  parse,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import { createDocumentCache } from '../operations/document-cache.ts';

/** The path of a field in the answer of a subgraph. */
export type AnswerPath = readonly (string | number)[];

interface Representation {
  readonly __typename?: unknown;
}

// The texts are the planner's, but each client's aliases are in them.
const documents = createDocumentCache<DocumentNode>(16 * 2 ** 20);

/**
 * The fields that a fetch would have filled: each is null when the fetch fails, so each gets the error. For entities
 * that is every field of every representation, named as the subgraph would have named it.
 *
 * @example
 * ownedPaths('query($representations:[_Any!]!){_entities(…){...on Post{comments{body}}}}', [{ __typename: 'Post' }])
 * // [['_entities', 0, 'comments']]
 */
export function ownedPaths(
  query: string,
  representations?: readonly Representation[],
): readonly AnswerPath[] {
  const document = parseOnce(query);
  const root = rootSelection(document);
  const names = (selectionSet: SelectionSetNode | undefined, typename?: unknown) => [
    ...new Set(responseNames(selectionSet, document, typename)),
  ];
  if (!representations) return names(root).map((name) => [name]);
  const entities = root?.selections.find(
    (selection) => selection.kind === Kind.FIELD && selection.name.value === '_entities',
  );
  const selectionSet = entities?.kind === Kind.FIELD ? entities.selectionSet : undefined;
  const namesFor = (typename: unknown) => {
    const own = names(selectionSet, typename);
    // Fragments on interfaces only: which of them apply cannot be told from here.
    return own.length > 0 ? own : names(selectionSet);
  };
  return representations.flatMap(({ __typename }, index) =>
    namesFor(__typename).map((name) => ['_entities', index, name]),
  );
}

function parseOnce(query: string): DocumentNode {
  const known = documents.get(query);
  if (known) return known;
  const document = parse(query, { noLocation: true });
  documents.set(query, document);
  return document;
}

const rootSelection = (document: DocumentNode): SelectionSetNode | undefined =>
  document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)?.selectionSet;

function responseNames(
  selectionSet: SelectionSetNode | undefined,
  document: DocumentNode,
  typename: unknown,
): readonly string[] {
  return (selectionSet?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD) {
      return selection.name.value === '__typename' ? [] : [selection.alias?.value ?? selection.name.value];
    }
    const fragment = fragmentOf(selection, document);
    const condition = fragment?.typeCondition?.name.value;
    const applies = condition === undefined || typename === undefined || condition === typename;
    return applies ? responseNames(fragment?.selectionSet, document, typename) : [];
  });
}

const fragmentOf = (selection: Exclude<SelectionNode, { kind: Kind.FIELD }>, document: DocumentNode) =>
  selection.kind === Kind.INLINE_FRAGMENT
    ? selection
    : document.definitions.find(
        (definition): definition is FragmentDefinitionNode =>
          definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
      );
