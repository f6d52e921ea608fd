import type { FieldDefinitionNode, TypeNode } from 'graphql';

import { isList, namedType, type LintedSchema, type LintRule } from '../linted-schema.ts';

/** A mutation says which thing it is about and takes one `input`, which can grow without a new signature. */
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
        message: `Expected an id and one argument "input" of an input type at most, but got ${names}`,
      };
    }
  },
};

function takesInput(schema: LintedSchema, { arguments: args = [] }: FieldDefinitionNode): boolean {
  const others = args.filter(({ name, type }) => name.value !== 'input' || !isInputType(schema, type));
  const [id, ...more] = others;
  return more.length === 0 && (!id || isId(id.type));
}

const isInputType = (schema: LintedSchema, type: TypeNode) =>
  !isList(type) && schema.types.get(namedType(type))?.kind === 'input';

const isId = (type: TypeNode) => !isList(type) && ['ID', 'UUID'].includes(namedType(type));
