import type { FieldDefinitionNode } from 'graphql';

import {
  hasDirective,
  isList,
  isRequired,
  namedType,
  type LintedSchema,
  type LintRule,
} from '../linted-schema.ts';

const sizes = ['first', 'last', 'limit'];

/** A field that answers any number of entities takes a page size, and has one when the client names none. */
export const pageSizes: LintRule = {
  name: 'page-sizes',
  severity: 'warning',
  *check(schema) {
    for (const type of schema.ofKind('object', 'interface')) {
      for (const field of type.fields) {
        if (hasDirective(field, 'external') || !isUnbounded(schema, field) || takesList(field)) continue;
        const size = (field.arguments ?? []).find(({ name }) => sizes.includes(name.value));
        const coordinate = `${type.name}.${field.name.value}`;
        if (!size)
          yield { node: field, coordinate, message: 'Expected an argument "first" that bounds the list' };
        else if (!size.defaultValue && !isRequired(size.type) && size.name.value !== 'last')
          yield {
            node: size,
            coordinate: `${coordinate}(${size.name.value}:)`,
            message: 'Expected a default: without one the list has no bound',
          };
      }
    }
  },
};

function isUnbounded(schema: LintedSchema, { type }: FieldDefinitionNode): boolean {
  const name = namedType(type);
  return isList(type) ? schema.isEntity(name) : name.endsWith('Connection') && schema.types.has(name);
}

/** `usersByIds(ids: [ID!]!)` is bounded by what it is asked for. */
const takesList = ({ arguments: args = [] }: FieldDefinitionNode) =>
  args.some(({ type }) => isList(type) && isRequired(type));
