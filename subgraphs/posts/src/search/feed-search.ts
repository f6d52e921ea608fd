import type { Consumer, Database } from '@tributary/subgraph-kit';
import { z } from 'zod';

import { readComment, readOwners } from './read-owners.ts';
import { commentEntry, userEntry } from './search-entries.ts';
import { createSearchRepository } from './search-repository.ts';

const kinds: ReadonlyMap<string, 'User' | 'Comment'> = new Map([
  ['UserCreated', 'User'],
  ['UserUpdated', 'User'],
  ['CommentAdded', 'Comment'],
  ['CommentEdited', 'Comment'],
  ['CommentDeleted', 'Comment'],
]);

/**
 * Keeps what search finds besides posts in step with its owners. It begins with all that they have, and does so again
 * when it was away for longer than the log reaches back.
 *
 * @param gatewayUrl where the owners are asked. Without it search finds what has changed since it first ran
 */
export const feedSearch = (gatewayUrl: string | undefined): Consumer => ({
  name: 'feed search',
  isFor: ({ source, type }) => (source === 'users' || source === 'comments') && kinds.has(type),
  handle: async (sql, { type, entity, data }) => {
    const search = createSearchRepository(sql);
    const id = z.string().parse(entity['id']);
    if (type === 'CommentDeleted') return search.remove('Comment', id);
    if (kinds.get(type) === 'User') return search.put([userEntry.parse(data)]);
    if (typeof data?.['body'] === 'string') return search.put([commentEntry.parse(data)]);
    // Too long for an event: its owner has it.
    const comment = gatewayUrl === undefined ? undefined : await readComment(gatewayUrl, id);
    if (comment) await search.put([comment]);
  },
  ...(gatewayUrl !== undefined && {
    rebuild: async (database: Database, signal: AbortSignal) => {
      const search = createSearchRepository(database.sql);
      for await (const entries of readOwners(gatewayUrl, signal)) await search.put(entries);
    },
  }),
});
