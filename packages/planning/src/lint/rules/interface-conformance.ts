import { print } from 'graphql';

import type { Finding, LintedType, LintRule } from '../linted-schema.ts';

/** Sharing a single field, such as an id, is no likeness. */
const manyFields = 2;

/** A type that has every field of an interface, of the same types, and does not say so; or says so and lacks one. */
export const interfaceConformance: LintRule = {
  name: 'interface-conformance',
  severity: 'warning',
  *check(schema) {
    const interfaces = schema.ofKind('interface');
    for (const type of schema.ofKind('object')) {
      if (schema.isRoot(type.name)) continue;
      for (const candidate of interfaces) yield* checkOne(type, candidate);
    }
  },
};

function* checkOne(type: LintedType, candidate: LintedType): Generator<Finding> {
  if (type.interfaces.some(({ name }) => name.value === candidate.name)) {
    yield* missingFields(type, candidate);
    return;
  }
  if (candidate.fields.length < manyFields) return;
  const hasEveryField = candidate.fields.every((wanted) =>
    type.fields.some(
      ({ name, type: own }) => name.value === wanted.name.value && print(own) === print(wanted.type),
    ),
  );
  if (!hasEveryField) return;
  yield {
    node: type.node,
    coordinate: type.name,
    message: `${type.name} has every field of interface ${candidate.name}: expected it to implement ${candidate.name}`,
  };
}

function* missingFields(type: LintedType, wanted: LintedType): Generator<Finding> {
  const own = new Set(type.fields.map(({ name }) => name.value));
  for (const { name } of wanted.fields) {
    if (own.has(name.value)) continue;
    yield {
      node: type.node,
      coordinate: type.name,
      message: `${type.name} implements ${wanted.name}: expected a field ${name.value}, but it has none`,
    };
  }
}
