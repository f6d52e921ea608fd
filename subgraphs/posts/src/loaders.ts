import { compositeKey, groupByKey, inKeyOrder, type LoaderRegistry } from '@tributary/subgraph-kit';

import type { AuthorPage, PostRepository, PostRow } from './repository.ts';

/** Made anew for every request; a missing post is null, an Error is a failure. */
export const createLoaders = (loaders: LoaderRegistry, { posts }: { posts: PostRepository }) => ({
  postById: loaders.create<string, PostRow | null>({ name: 'postById' }, async (ids) =>
    inKeyOrder(ids, await posts.findByIds(ids), (post) => post.id),
  ),

  publishedByAuthor: loaders.create<AuthorPage, readonly PostRow[]>(
    {
      name: 'publishedByAuthor',
      cacheKeyOf: ({ authorId, first, after }) => compositeKey(authorId, first, after?.at, after?.id),
    },
    async (pages) => {
      const rows = await posts.listPublishedByAuthors(pages);
      // PostgreSQL counts from 1.
      return groupByKey([...pages.keys()], rows, (post) => post.pageIndex - 1);
    },
  ),

  postCountByAuthor: loaders.create<string, number>({ name: 'postCountByAuthor' }, async (authorIds) => {
    const counts = inKeyOrder(
      authorIds,
      await posts.countPublishedByAuthors(authorIds),
      (row) => row.authorId,
    );
    return counts.map((row) => row?.count ?? 0);
  }),

  tagsByPost: loaders.create<string, readonly string[]>({ name: 'tagsByPost' }, async (postIds) => {
    const groups = groupByKey(postIds, await posts.findTags(postIds), (row) => row.postId);
    return groups.map((rows) => rows.map((row) => row.tag));
  }),
});

export type Loaders = ReturnType<typeof createLoaders>;
