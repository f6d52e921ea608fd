import { createOutbox, type Consumer } from '@tributary/subgraph-kit';
import { z } from 'zod';

import { postCommented } from './events.ts';
import { createPostRepository } from './repository.ts';

const reference = z.object({ id: z.string() });
const commentAdded = z.object({ id: z.string(), post: reference, author: reference });

/** Comments know no authors of posts: this says to whom a new one matters. */
export const tellAuthors: Consumer = {
  name: 'tell authors of comments',
  isFor: ({ source, type }) => source === 'comments' && type === 'CommentAdded',
  handle: async (sql, { data }) => {
    const { id, post, author } = commentAdded.parse(data);
    const [row] = await createPostRepository(sql).findByIds([post.id]);
    // Nobody needs to be told what they said themselves.
    if (!row || row.authorId === author.id) return;
    await createOutbox(sql, 'posts').publish(postCommented(row, { id, authorId: author.id }));
  },
};
