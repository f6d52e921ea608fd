import { compositeKey, groupByKey, inKeyOrder, type LoaderRegistry } from '@tributary/subgraph-kit';

import type { CommentPage, CommentRepository, CommentRow } from './repository.ts';

/** Made anew for every request; a missing comment is null, an Error is a failure. */
export const createLoaders = (loaders: LoaderRegistry, { comments }: { comments: CommentRepository }) => ({
  commentById: loaders.create<string, CommentRow | null>({ name: 'commentById' }, async (ids) =>
    inKeyOrder(ids, await comments.findByIds(ids), (comment) => comment.id),
  ),

  commentsByPost: loaders.create<CommentPage, readonly CommentRow[]>(
    { name: 'commentsByPost', cacheKeyOf: keyOfPage },
    async (pages) => inPageOrder(pages, await comments.listByPosts(pages)),
  ),

  commentsByAuthor: loaders.create<CommentPage, readonly CommentRow[]>(
    { name: 'commentsByAuthor', cacheKeyOf: keyOfPage },
    async (pages) => inPageOrder(pages, await comments.listByAuthors(pages)),
  ),

  commentCountByPost: loaders.create<string, number>({ name: 'commentCountByPost' }, async (postIds) => {
    const counts = inKeyOrder(postIds, await comments.countByPosts(postIds), (row) => row.postId);
    return counts.map((row) => row?.count ?? 0);
  }),

  commentCountByAuthor: loaders.create<string, number>(
    { name: 'commentCountByAuthor' },
    async (authorIds) => {
      const counts = inKeyOrder(authorIds, await comments.countByAuthors(authorIds), (row) => row.authorId);
      return counts.map((row) => row?.count ?? 0);
    },
  ),
});

export type Loaders = ReturnType<typeof createLoaders>;

const keyOfPage = ({ ownerId, first, after }: CommentPage): string =>
  compositeKey(ownerId, first, after?.at, after?.id);

/** Puts the rows of many pages to their pages; PostgreSQL counts from 1. */
const inPageOrder = (pages: readonly CommentPage[], rows: readonly (CommentRow & { pageIndex: number })[]) =>
  groupByKey([...pages.keys()], rows, (comment) => comment.pageIndex - 1);
