import {
  Kind,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
} from 'graphql';

/** One way into a subgraph, from a field of Query or from an entity. */
export interface Path {
  /** `Query.post Post.title` */
  readonly path: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface EveryPathOptions {
  /** GraphQL literals for required arguments, by their names; fields with others are left out. */
  readonly values: Readonly<Record<string, string>>;
  /** How many fields a path may have. */
  readonly depth: number;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode;

/** A selection that asks for one thing only, and the fields that lead there. */
interface Step {
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * Queries that each follow one path through a subgraph's schema, all paths together: from every field of Query, and
 * from every entity with the key `id`, whose id is 1.
 */
export function everyPath(schema: DocumentNode, { values, depth }: EveryPathOptions): readonly Path[] {
  const types = new Map(
    schema.definitions.flatMap((definition) =>
      isComposite(definition) ? [[definition.name.value, definition]] : [],
    ),
  );

  const into = (type: string, left: number): readonly Step[] => {
    const composite = types.get(type);
    if (!composite) return [{ path: [], text: '' }];
    if (left === 0) return [{ path: [], text: '{ __typename }' }];
    if (composite.kind === Kind.UNION_TYPE_DEFINITION) {
      return (composite.types ?? []).flatMap(({ name }) =>
        into(name.value, left).map(({ path, text }) => ({ path, text: `{ ... on ${name.value} ${text} }` })),
      );
    }
    return (composite.fields ?? []).flatMap((field) => through(type, field, left));
  };

  const through = (type: string, field: FieldDefinitionNode, left: number): readonly Step[] => {
    const args = (field.arguments ?? []).filter(
      (arg) => arg.type.kind === Kind.NON_NULL_TYPE && !arg.defaultValue,
    );
    const isKnown = args.every(({ name }) => name.value in values);
    if (!isKnown || field.directives?.some(({ name }) => name.value === 'external')) return [];
    const given = args.map(({ name }) => `${name.value}: ${values[name.value]}`).join(', ');
    const call = `${field.name.value}${given && `(${given})`}`;
    return into(namedType(field.type), left - 1).map(({ path, text }) => ({
      path: [`${type}.${field.name.value}`, ...path],
      text: `{ ${call} ${text} }`,
    }));
  };

  const fromQuery = into('Query', depth).map(({ path, text }) => ({
    path: path.join(' '),
    query: text,
    variables: {},
  }));
  const fromEntities = [...types.values()].filter(isEntity).flatMap(({ name }) =>
    into(name.value, depth).map(({ path, text }) => ({
      path: path.join(' '),
      query: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${name.value} ${text} } }`,
      variables: { representations: [{ __typename: name.value, id: '1' }] },
    })),
  );
  return [...fromQuery, ...fromEntities];
}

const isComposite = (definition: DefinitionNode): definition is Composite =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
  definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  definition.kind === Kind.UNION_TYPE_DEFINITION;

/** What this subgraph resolves by `id`. */
const isEntity = (type: Composite): boolean =>
  (type.directives ?? []).some(
    ({ name, arguments: args = [] }) =>
      name.value === 'key' &&
      args.some(({ value }) => value.kind === Kind.STRING && value.value === 'id') &&
      !args.some((arg) => arg.name.value === 'resolvable'),
  );

const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
