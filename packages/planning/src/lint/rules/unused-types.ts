import { Kind } from 'graphql';

import {
  namedType,
  hasDirective,
  type LintedSchema,
  type LintedType,
  type LintRule,
} from '../linted-schema.ts';

/** A type that no operation and no other subgraph can come to. */
export const unusedTypes: LintRule = {
  name: 'unused-types',
  severity: 'warning',
  *check(schema) {
    const used = reachableTypes(schema);
    for (const { name, node } of schema.types.values()) {
      if (used.has(name)) continue;
      yield {
        node,
        coordinate: name,
        message: `Expected ${name} to be used by a root field, an entity or a directive, but nothing leads to it`,
      };
    }
  },
};

function reachableTypes(schema: LintedSchema): Set<string> {
  const used = new Set<string>();
  const visit = (name: string): void => {
    const type = schema.types.get(name);
    if (!type || used.has(name)) return;
    used.add(name);
    for (const next of neighbours(schema, type)) visit(next);
  };
  for (const name of entryPoints(schema)) visit(name);
  return used;
}

function* entryPoints(schema: LintedSchema): Generator<string> {
  for (const type of schema.types.values()) {
    const isShared = ['key', 'shareable', 'interfaceObject'].some((directive) =>
      hasDirective(type, directive),
    );
    if (schema.isRoot(type.name) || isShared) yield type.name;
  }
  for (const node of schema.document.definitions) {
    if (node.kind !== Kind.DIRECTIVE_DEFINITION) continue;
    for (const { type } of node.arguments ?? []) yield namedType(type);
  }
}

function* neighbours(schema: LintedSchema, type: LintedType): Generator<string> {
  for (const field of type.fields) {
    yield namedType(field.type);
    for (const argument of field.arguments ?? []) yield namedType(argument.type);
  }
  for (const field of type.inputFields) yield namedType(field.type);
  for (const node of [...type.interfaces, ...type.members]) yield node.name.value;
  if (type.kind === 'interface') for (const { name } of schema.implementations(type.name)) yield name;
}
