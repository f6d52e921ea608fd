import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  print,
  type ConstValueNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  type ValueNode,
} from 'graphql';

import { onceForEach } from '../../once-for-each.ts';

/**
 * Gives the fields of one operation their data keys: the bare name for a field without arguments, a private alias
 * where arguments or return types would otherwise share one. Equal leaf fields get equal keys, whatever a client calls
 * them, so they are fetched once.
 *
 * @example { first: posts(first: 1) { id } all: posts { id } } // posts__1, posts
 */
export class DataKeys {
  readonly #taken: ReadonlySet<string>;
  readonly #keys = new Map<string, string>();
  readonly #bareNames = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(schema: GraphQLSchema) {
    this.#taken = fieldNamesOf(schema);
  }

  /** @param run tells equal fields apart that must each be run, such as those of a mutation */
  keyOf(node: FieldNode, { name, type }: GraphQLField<unknown, unknown>, run = ''): string {
    const args = printArguments(node);
    const shape = `${shapeOf(type)}${run}`;
    const identity = `${name}(${args}):${shape}`;
    let key = this.#keys.get(identity);
    if (key === undefined) this.#keys.set(identity, (key = this.#choose(name, args, shape)));
    return key;
  }

  #choose(name: string, args: string, shape: string): string {
    if (args === '' && (this.#bareNames.get(name) ?? shape) === shape) {
      this.#bareNames.set(name, shape);
      return name;
    }
    let [alias, count] = ['', this.#counts.get(name) ?? 0];
    do alias = `${name}__${(count += 1)}`;
    while (this.#taken.has(alias));
    this.#counts.set(name, count);
    return alias;
  }
}

/** Composite types share a shape, since selections on an interface and on its implementations may have to merge. */
function shapeOf(type: GraphQLOutputType): string {
  if (isNonNullType(type)) return `${shapeOf(type.ofType)}!`;
  if (isListType(type)) return `[${shapeOf(type.ofType)}]`;
  return isCompositeType(type) ? '{}' : getNamedType(type).name;
}

function printArguments({ arguments: args = [] }: FieldNode): string {
  return args
    .map(({ name, value }) => `${name.value}:${print(sorted(value))}`)
    .toSorted()
    .join(',');
}

/** The order of an object's fields means nothing, so validation lets equal ones in any order merge. */
function sorted(value: ValueNode): ValueNode {
  if (value.kind === Kind.LIST) {
    return { ...value, values: value.values.map((item) => sorted(item) as ConstValueNode) };
  }
  if (value.kind !== Kind.OBJECT) return value;
  const fields = value.fields.map((field) => ({ ...field, value: sorted(field.value) as ConstValueNode }));
  return { ...value, fields: fields.toSorted((a, b) => (a.name.value < b.name.value ? -1 : 1)) };
}

const fieldNamesOf = onceForEach((schema: GraphQLSchema): ReadonlySet<string> => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) || isInterfaceType(type),
  );
  return new Set(types.flatMap((type) => Object.keys(type.getFields())));
});
