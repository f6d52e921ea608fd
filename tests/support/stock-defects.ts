import type { AnswerDifference } from '@tributary/testkit';

import {
  hasFieldWithoutSelections,
  hidesField,
  leavesOut,
  narrowsInsideAbstractFragment,
  type AskedDocument,
} from './document-shapes.ts';

/** Something that stock `@apollo/gateway` is known to do wrong. */
export interface StockDefect {
  readonly name: string;
  /** What it does, and where in its code. */
  readonly reason: string;
  /** The smallest query that shows it. */
  readonly example: string;
  /** True when the defect may be the cause of a difference: the oracle then lets it pass, and counts it. */
  explains(difference: AnswerDifference, asked: AskedDocument): boolean;
}

const isAboutValues = ({ kind }: AnswerDifference): boolean => kind !== 'order';

/** As short as it can be: with each entry the oracle sees less. Each one has a case that shows it is still needed. */
export const stockDefects: readonly StockDefect[] = [
  {
    name: 'fields in another order',
    reason:
      'resultShaping.js writes fields in the order of the normalised operation, in which equal fragments have become ' +
      'one and stand together.',
    example: '{ post(id: "1") { ... on Post { title } id ... on Post { content } } }',
    explains: ({ kind }) => kind === 'order',
  },
  {
    name: 'fragments lost within an abstract fragment on an object type',
    reason:
      'The planner does not fetch __typename for an object type; resultShaping.js then takes the condition of the ' +
      'outer fragment for the type of the object, and drops fragments on other types inside it. __typename in such ' +
      'a fragment makes the object null.',
    example: '{ comment(id: "1") { ... on Node { ... on Comment { body } } } }',
    explains: (difference, asked) => isAboutValues(difference) && narrowsInsideAbstractFragment(asked),
  },
  {
    name: 'a field with nothing left in it',
    reason:
      'The planner leaves out a conditional field all of whose selections are skipped, or makes its whole fetch ' +
      'conditional; the object that should be empty is null then.',
    example:
      'query ($no: Boolean = false) { posts @skip(if: $no) { pageInfo @skip(if: true) { hasNextPage } } }',
    explains: (difference, asked) => isAboutValues(difference) && hasFieldWithoutSelections(asked),
  },
  {
    name: 'neighbours of a skipped field with @requires',
    reason:
      'The planner fetches what is required only if the field is wanted, and yet asks for it in the representation ' +
      'for all fields of that fetch; executeQueryPlan.js sends no representation without it, so that the neighbours ' +
      'are null and nobody speaks of an error.',
    example: '{ post(id: "1") { threadTitle @include(if: false) comments { pageInfo { endCursor } } } }',
    explains: (difference, asked) => isAboutValues(difference) && leavesOut(asked, ['threadTitle']),
  },
  {
    name: 'an alias that is the name of a key',
    reason:
      'The planner fetches the key beside the client’s field, both under one name; executeQueryPlan.js merges the two.',
    example: '{ post(id: "1") { id: comments { edges { cursor } } } }',
    explains: (difference, asked) => isAboutValues(difference) && hidesField(asked, ['id', 'title']),
  },
];
