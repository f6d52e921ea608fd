import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';

import { prepareDocument } from './prepare-document.ts';

const schema = buildSchema(
  'type Query { a: Int } type Subscription { tick: Tick } type Tick { count: Int again: Tick }',
);
const mistakes = (text: string) =>
  prepareDocument(text, { schema, introspection: true }).errors?.map(({ message }) => message);

it.each([
  ['beside it', 'subscription ($s: Boolean!) { tick @skip(if: $s) { count } }'],
  ['in a fragment', 'subscription ($s: Boolean!) { ... on Subscription { tick @skip(if: $s) { count } } }'],
  [
    'at a fragment',
    'subscription ($s: Boolean!) { ...F @skip(if: $s) } fragment F on Subscription { tick { count } }',
  ],
  [
    'in a named fragment',
    'subscription ($s: Boolean!) { ...F } fragment F on Subscription { tick @skip(if: $s) { count } }',
  ],
])('refuses a condition on the field of a subscription, %s', (_where, text) => {
  expect(mistakes(text)).toContain(
    'Expected the field of a subscription without @skip, which belongs beneath it',
  );
});

it('refuses a subscription to several fields, or to the schema', () => {
  expect(mistakes('subscription { tick { count } other: tick { count } }')).toHaveLength(1);
  expect(mistakes('subscription { __typename }')).toHaveLength(1);
});

it('lets conditions stand beneath the field, and in other operations', () => {
  expect(mistakes('subscription ($s: Boolean!) { tick { count @include(if: $s) } }')).toBeUndefined();
  expect(mistakes('query ($s: Boolean!) { a @skip(if: $s) }')).toBeUndefined();
});
