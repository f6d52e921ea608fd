import { randomOperation, type KnownValues, type RandomOperation } from '@tributary/testkit';
import { constantFrom, record, type Arbitrary } from 'fast-check';
import type { GraphQLSchema } from 'graphql';

import { cursorOf, rareWords, seedRows, type Asker } from './monolith.ts';

/** A random query and who sends it. */
export interface Question {
  readonly asker: Asker;
  readonly operation: RandomOperation;
}

/** Everybody to whom answers may differ. */
export const askers = [
  { roles: [] },
  { userId: '3', roles: ['USER'] },
  { userId: '1', roles: ['ADMIN'] },
] as const satisfies readonly Asker[];

const idsOf = (count: number) => ['1', '2', String(count), 1, '3', '4', '5', 6, '7', '8', '9', '999', ''];
const { users, posts, comments } = seedRows;
const brokenCursors = ['', 'x', Buffer.from('[1, 2]').toString('base64url')];
const everySeventh = [...users, ...posts, ...comments].filter((_row, index) => index % 7 === 0);
const sizes = [...Array.from({ length: 30 }, (_none, index) => 1 + (index % 6)), 10, 25, 100, 0, 101];
const cursors = [...everySeventh.map(cursorOf), ...brokenCursors];
const listsOf = (...places: readonly string[]): KnownValues =>
  Object.fromEntries(
    places.flatMap((place) => [
      [`${place}(first:)`, sizes],
      [`${place}(after:)`, cursors],
    ]),
  );

/** Values that lead somewhere, and some that lead nowhere. */
const values: KnownValues = {
  'Query.user(id:)': idsOf(10),
  'Query.post(id:)': idsOf(100),
  'Query.comment(id:)': idsOf(500),
  'PostFilterInput.authorId': idsOf(10),
  'PostFilterInput.tag': ['qui', 'et', 'sunt', 'none', ''],
  'UserFilterInput.username': ['Bret', 'bret', 'ANTONETTE', 'nobody', ''],
  'UserFilterInput.nameContains': ['e', 'LE', 'mrs', '%', '_', ''],
  'Query.search(text:)': [...rareWords.filter((_word, index) => index % 10 === 0), 'nowhere', ''],
  'Query.search(first:)': sizes,
  'Post.excerpt(length:)': [1, 2, 5, 30, 200, 1000, 0],
  'Searchable.excerpt(length:)': [1, 2, 5, 30, 200, 1000, 0],
  DateTime: [
    '2026-01-02T00:00:00Z',
    '2026-01-03T12:30:00.500Z',
    '2026-01-01T04:00:00+04:00',
    '2025-12-05T00:00:00.000Z',
    '1999-01-01T00:00:00Z',
  ],
  ...listsOf(
    'Query.users',
    'Query.posts',
    'Query.drafts',
    'Query.notifications',
    'Query.comments',
    'User.posts',
    'User.comments',
    'Post.comments',
  ),
  ...listsOf('Commentable.comments'),
};

/** More of what leads from one subgraph to the next, less of what fails for most askers. */
const weights: Readonly<Record<string, number>> = {
  'Query.drafts': 1,
  'Query.notifications': 1,
  'Query.unreadNotificationCount': 1,
  edges: 8,
  node: 6,
  author: 5,
  post: 5,
  posts: 5,
  comments: 5,
  pageInfo: 1,
};
const weightOf = (type: string, field: string) => weights[`${type}.${field}`] ?? weights[field];

/** Random queries for our supergraph by somebody whose answers may differ from those of others. */
export const randomQuestion = (schema: GraphQLSchema): Arbitrary<Question> =>
  record({ asker: constantFrom(...askers), operation: randomOperation(schema, { values, weightOf }) });
