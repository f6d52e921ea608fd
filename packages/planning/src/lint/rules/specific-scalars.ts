import { Kind, type TypeNode } from 'graphql';

import type { Finding, LintRule } from '../linted-schema.ts';

/** Names that promise more than any text, and the scalar that keeps the promise. */
const scalars: readonly (readonly [RegExp, string])[] = [
  [/^(email|emailAddress)$|[a-z](Email|EmailAddress)$/, 'EmailAddress'],
  [/^(url|uri|website|homepage)$|[a-z](Url|URL|Uri)$/, 'URL'],
  [/^uuid$|[a-z](Uuid|UUID)$/, 'UUID'],
  [/[a-z]At$/, 'DateTime'],
  [/^(birthday|birthDate|date)$|[a-z]Date$/, 'Date'],
];

/** A common format is a scalar that checks it, not a String. */
export const specificScalars: LintRule = {
  name: 'specific-scalars',
  severity: 'warning',
  *check(schema) {
    for (const type of schema.types.values()) {
      for (const field of [...type.fields, ...type.inputFields])
        yield* checkOne(field, `${type.name}.${field.name.value}`);
      for (const field of type.fields) {
        for (const argument of field.arguments ?? [])
          yield* checkOne(argument, `${type.name}.${field.name.value}(${argument.name.value}:)`);
      }
    }
  },
};

function* checkOne(
  node: Finding['node'] & { readonly type: TypeNode },
  coordinate: string,
): Generator<Finding> {
  const type = node.type.kind === Kind.NON_NULL_TYPE ? node.type.type : node.type;
  if (type.kind !== Kind.NAMED_TYPE || type.name.value !== 'String') return;
  const expected = scalars.find(([pattern]) => pattern.test(node.name.value))?.[1];
  if (expected) yield { node, coordinate, message: `Expected ${expected}, but got String` };
}
