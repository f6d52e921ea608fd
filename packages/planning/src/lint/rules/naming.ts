import type { NameNode } from 'graphql';

import type { Finding, LintedSchema, LintRule } from '../linted-schema.ts';

const cases = {
  camelCase: /^[a-z][A-Za-z0-9]*$/,
  PascalCase: /^[A-Z][A-Za-z0-9]*$/,
  UPPER_CASE: /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/,
} as const;

/** One way to write names: `fieldName`, `TypeName`, `ENUM_VALUE`. */
export const naming: LintRule = {
  name: 'naming',
  severity: 'warning',
  *check(schema) {
    for (const { node, coordinate, expected } of namesOf(schema)) {
      if (cases[expected].test(node.name.value)) continue;
      yield { node, coordinate, message: `Expected a name in ${expected}, but got ${node.name.value}` };
    }
  },
};

interface Named {
  readonly node: Finding['node'];
  readonly coordinate: string;
  readonly expected: keyof typeof cases;
}

function* namesOf(schema: LintedSchema): Generator<Named> {
  const camel = (node: Finding['node'] & { name: NameNode }, coordinate: string): Named => ({
    node,
    coordinate,
    expected: 'camelCase',
  });
  for (const type of schema.types.values()) {
    yield { node: type.node, coordinate: type.name, expected: 'PascalCase' };
    for (const field of type.fields) {
      const coordinate = `${type.name}.${field.name.value}`;
      yield camel(field, coordinate);
      for (const argument of field.arguments ?? [])
        yield camel(argument, `${coordinate}(${argument.name.value}:)`);
    }
    for (const field of type.inputFields) yield camel(field, `${type.name}.${field.name.value}`);
    for (const value of type.values)
      yield { node: value, coordinate: `${type.name}.${value.name.value}`, expected: 'UPPER_CASE' };
  }
}
