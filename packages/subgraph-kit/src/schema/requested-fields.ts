import {
  getArgumentValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type DirectiveNode,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';

/**
 * The names of the fields that an operation asks of the value of this field: a resolver reads them to leave out
 * columns and joins that nobody wants. `path` looks deeper, as `['edges', 'node']` in a connection.
 *
 * Fields of fragments count whatever type the fragment is on, so the set may be too large and never too small.
 *
 * @example requestedFields(info, ['edges', 'node']) // Set { 'id', 'title' }
 */
export function requestedFields(info: GraphQLResolveInfo, path: readonly string[] = []): ReadonlySet<string> {
  if (path.length > 0) return fieldsAt(info, path);
  const known = ofEach.get(info);
  if (known) return known;
  const fields = fieldsAt(info, path);
  ofEach.set(info, fields);
  return fields;
}

// All references of a request are resolved with one and the same.
const ofEach = new WeakMap<GraphQLResolveInfo, ReadonlySet<string>>();

function fieldsAt(info: GraphQLResolveInfo, path: readonly string[]): ReadonlySet<string> {
  let sets = info.fieldNodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
  for (const name of path) {
    sets = sets.flatMap((set) =>
      childrenOf(set, info).flatMap((field) =>
        field.name === name && field.selectionSet ? [field.selectionSet] : [],
      ),
    );
  }
  return new Set(sets.flatMap((set) => childrenOf(set, info).map(({ name }) => name)));
}

interface SelectedField {
  readonly name: string;
  readonly selectionSet: SelectionSetNode | undefined;
}

function childrenOf(set: SelectionSetNode, info: GraphQLResolveInfo): SelectedField[] {
  return set.selections.flatMap((selection): SelectedField[] => {
    if (!isIncluded(selection.directives, info)) return [];
    if (selection.kind === Kind.FIELD)
      return [{ name: selection.name.value, selectionSet: selection.selectionSet }];
    if (selection.kind === Kind.INLINE_FRAGMENT) return childrenOf(selection.selectionSet, info);
    const fragment = info.fragments[selection.name.value];
    return fragment ? childrenOf(fragment.selectionSet, info) : [];
  });
}

function isIncluded(directives: readonly DirectiveNode[] = [], info: GraphQLResolveInfo): boolean {
  return directives.every((directive) => {
    if (directive.name.value === 'skip')
      return !getArgumentValues(GraphQLSkipDirective, directive, info.variableValues)['if'];
    if (directive.name.value === 'include')
      return getArgumentValues(GraphQLIncludeDirective, directive, info.variableValues)['if'];
    return true;
  });
}
