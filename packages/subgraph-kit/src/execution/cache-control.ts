import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** What must not be kept: the answer of everything that nobody gave a lifetime. */
export const notCacheable = 'no-store';

/** How long, and for whom, something may be kept. */
interface Lifetime {
  /** Seconds. */
  readonly maxAge?: number | undefined;
  readonly isPrivate?: boolean | undefined;
  /** As long as the parent, whatever that is. */
  readonly isInherited?: boolean | undefined;
}

/**
 * Works out the `Cache-Control` of an operation's answers from the `@cacheControl` directives of the schema, as Apollo
 * Server's plugin does it, but once for an operation instead of once for each field of each answer: the shortest
 * lifetime of all that can be in an answer counts. What `@skip` or a type condition leaves out of one answer therefore
 * counts as well.
 *
 * @example cacheControlOf(schema, document, operation) // 'max-age=60, public'
 */
export function cacheControlOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): string {
  const root = schema.getRootType(operation.operation);
  if (!root) return notCacheable;
  const { maxAge = 0, isPrivate = false } = shortest(
    lifetimesIn(root, operation.selectionSet, { schema, document }),
  );
  return maxAge > 0 ? `max-age=${maxAge}, ${isPrivate ? 'private' : 'public'}` : notCacheable;
}

interface Sources {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
}

function shortest(lifetimes: readonly Lifetime[]): Lifetime {
  const ages = lifetimes.flatMap(({ maxAge }) => (maxAge === undefined ? [] : [maxAge]));
  return {
    maxAge: ages.length > 0 ? Math.min(...ages) : undefined,
    isPrivate: lifetimes.some(({ isPrivate }) => isPrivate),
  };
}

function lifetimesIn(type: GraphQLCompositeType, set: SelectionSetNode, sources: Sources): Lifetime[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) {
      const own = fieldLifetime(type, selection.name.value, selection.selectionSet, sources);
      if (!own) return [];
      const { inner, lifetime } = own;
      const within =
        selection.selectionSet && inner ? lifetimesIn(inner, selection.selectionSet, sources) : [];
      return [lifetime, ...within];
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : fragmentNamed(sources.document, selection.name.value);
    const narrowed = fragment?.typeCondition && sources.schema.getType(fragment.typeCondition.name.value);
    const inner = narrowed && isCompositeType(narrowed) ? narrowed : type;
    return fragment ? lifetimesIn(inner, fragment.selectionSet, sources) : [];
  });
}

const fragmentNamed = ({ definitions }: DocumentNode, name: string) =>
  definitions.find((node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name) as
    | Extract<DocumentNode['definitions'][number], { kind: Kind.FRAGMENT_DEFINITION }>
    | undefined;

/** Objects and root fields that say nothing may not be kept; scalars live as long as their parent. */
function fieldLifetime(
  parent: GraphQLCompositeType,
  name: string,
  selectionSet: SelectionSetNode | undefined,
  sources: Sources,
) {
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  if (!field) return undefined;
  const returned = getNamedType(field.type);
  const inner = isCompositeType(returned) ? returned : undefined;
  const ofField = directiveIn(field.astNode?.directives);
  const ofType = isEntities(name, inner)
    ? entitiesLifetime(selectionSet, sources)
    : inner && typeLifetime(inner);
  const isInherited = ofField?.isInherited || (ofField?.maxAge === undefined && ofType?.isInherited);
  const lifetime: Lifetime = {
    maxAge: ofField?.maxAge ?? ofType?.maxAge,
    isPrivate: ofField?.isPrivate ?? ofType?.isPrivate,
  };
  const isRoot = [sources.schema.getQueryType(), sources.schema.getMutationType()].includes(parent as never);
  const isClosed = lifetime.maxAge === undefined && ((inner && !isInherited) || isRoot);
  return { inner, lifetime: isClosed ? { ...lifetime, maxAge: 0 } : lifetime };
}

const isEntities = (field: string, inner: GraphQLNamedType | undefined): boolean =>
  field === '_entities' && inner !== undefined && isAbstractType(inner);

/** Entities have the lifetimes of their types, which are the ones that the gateway asks something of. */
function entitiesLifetime(set: SelectionSetNode | undefined, { schema, document }: Sources): Lifetime {
  const conditions = (set?.selections ?? []).map((selection) => {
    if (selection.kind === Kind.FIELD) return undefined;
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentNamed(document, selection.name.value);
    return fragment?.typeCondition?.name.value;
  });
  const types = conditions.flatMap((name) => (name === undefined ? [] : [schema.getType(name)]));
  return shortest(types.map((type) => (type && typeLifetime(type)) ?? { maxAge: 0 }));
}

function typeLifetime(type: GraphQLNamedType): Lifetime | undefined {
  const nodes = [type.astNode, ...type.extensionASTNodes].flatMap((node) => (node ? [node] : []));
  return nodes.map((node) => directiveIn(node.directives)).find((lifetime) => lifetime !== undefined);
}

function directiveIn(directives: readonly ConstDirectiveNode[] = []): Lifetime | undefined {
  const found = directives.find(({ name }) => name.value === 'cacheControl');
  if (!found) return undefined;
  const args = Object.fromEntries(
    (found.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  ) as { readonly maxAge?: number; readonly scope?: string; readonly inheritMaxAge?: boolean };
  const isPrivate = args.scope === undefined ? undefined : args.scope === 'PRIVATE';
  return args.inheritMaxAge ? { isInherited: true, isPrivate } : { maxAge: args.maxAge, isPrivate };
}
