import type { FieldDefinitionNode } from 'graphql';

import { isList, namedType, type LintedSchema, type LintRule } from '../linted-schema.ts';

/** A mutation takes one `input`, which can grow without a new signature, or only says which thing it is about. */
export const mutationInputs: LintRule = {
  name: 'mutation-inputs',
  severity: 'warning',
  *check(schema) {
    const mutation = schema.root('mutation');
    for (const field of mutation?.fields ?? []) {
      if (!mutation || takesInput(schema, field)) continue;
      const names = (field.arguments ?? []).map(({ name }) => name.value).join(', ');
      yield {
        node: field,
        coordinate: `${mutation.name}.${field.name.value}`,
        message: `Expected one argument "input" of an input type, or only an id, but got ${names}`,
      };
    }
  },
};

function takesInput(schema: LintedSchema, { arguments: args = [] }: FieldDefinitionNode): boolean {
  const [only, ...others] = args;
  if (!only) return true;
  if (others.length > 0) return false;
  const type = namedType(only.type);
  if (schema.types.get(type)?.kind === 'input') return only.name.value === 'input';
  return !isList(only.type) && (type === 'ID' || type === 'UUID');
}
