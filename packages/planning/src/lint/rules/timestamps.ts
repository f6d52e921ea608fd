import type { LintRule } from '../linted-schema.ts';

const names: readonly (readonly [RegExp, string])[] = [
  [/^(created|created(On|Date|Time|_at|_on)|creation(Date|Time)|dateCreated|insertedAt)$/, 'createdAt'],
  [
    /^(updated|updated(On|Date|Time|_at|_on)|modified|modified(At|On)|lastModified(At)?|lastUpdated(At)?|dateUpdated|changedAt)$/,
    'updatedAt',
  ],
];

/** The times of an entity have the same two names everywhere: createdAt and updatedAt. */
export const timestamps: LintRule = {
  name: 'timestamps',
  severity: 'warning',
  *check(schema) {
    for (const type of schema.ofKind('object', 'interface')) {
      for (const field of type.fields) {
        const expected = names.find(([pattern]) => pattern.test(field.name.value))?.[1];
        if (!expected) continue;
        const coordinate = `${type.name}.${field.name.value}`;
        yield { node: field, coordinate, message: `Expected ${expected}, but got ${field.name.value}` };
      }
    }
  },
};
