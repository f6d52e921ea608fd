import { Kind, type TypeNode } from 'graphql';

import { hasDirective, isRequired, type Finding, type LintedType, type LintRule } from '../linted-schema.ts';

/** Types smaller than this may well be optional throughout. */
const manyFields = 3;

/** Nullable where it says nothing: an id, the items of a list, every field of a type. */
export const nullability: LintRule = {
  name: 'nullability',
  severity: 'warning',
  *check(schema) {
    for (const type of schema.ofKind('object', 'interface')) {
      for (const field of type.fields) {
        const finding = { node: field, coordinate: `${type.name}.${field.name.value}` };
        if (field.name.value === 'id' && !isRequired(field.type))
          yield {
            ...finding,
            message: `Expected id to be non-null: a thing without one cannot be referred to`,
          };
        if (hasNullableItems(field.type))
          yield { ...finding, message: 'Expected non-null items: clients must otherwise test each for null' };
      }
      if (!schema.isRoot(type.name)) yield* nothingRequired(type);
    }
  },
};

function* nothingRequired({ name, node, fields }: LintedType): Generator<Finding> {
  const own = fields.filter((field) => !hasDirective(field, 'external'));
  if (own.length < manyFields || own.some(({ type }) => isRequired(type))) return;
  yield {
    node,
    coordinate: name,
    message: `Expected at least one non-null field of ${own.length}: a client cannot rely on anything`,
  };
}

function hasNullableItems(type: TypeNode): boolean {
  if (type.kind === Kind.NON_NULL_TYPE) return hasNullableItems(type.type);
  return type.kind === Kind.LIST_TYPE && (!isRequired(type.type) || hasNullableItems(type.type));
}
