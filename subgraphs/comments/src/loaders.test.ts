import { LoaderRegistry } from '@tributary/subgraph-kit';
import { describe, expect, it } from 'vitest';

import { createLoaders } from './loaders.ts';
import type { CommentPage, CommentRepository, CommentRow } from './repository.ts';

const rowOf = (id: string, postId: string, authorId: string) => ({ id, postId, authorId }) as CommentRow;
const stored = [rowOf('c1', 'p1', 'u1'), rowOf('c2', 'p1', 'u2'), rowOf('c3', 'p2', 'u1')];

/** Loaders over three comments, and the keys of every batch that was asked for. */
function createTestLoaders() {
  const batches: unknown[] = [];
  const list = async (pages: readonly CommentPage[], ownerOf: (comment: CommentRow) => string) => {
    batches.push(pages.map(({ ownerId, first }) => [ownerId, first]));
    return pages.flatMap(({ ownerId, first }, index) =>
      stored
        .filter((comment) => ownerOf(comment) === ownerId)
        .slice(0, first)
        .map((comment) => ({ ...comment, pageIndex: index + 1 })),
    );
  };
  const comments = {
    findByIds: async (ids: readonly string[]) => {
      batches.push(ids);
      return stored.filter(({ id }) => ids.includes(id)).toReversed();
    },
    listByPosts: (pages: readonly CommentPage[]) => list(pages, ({ postId }) => postId),
    listByAuthors: (pages: readonly CommentPage[]) => list(pages, ({ authorId }) => authorId),
    countByPosts: async (postIds: readonly string[]) => {
      batches.push(postIds);
      return [{ postId: 'p1', count: 2 }];
    },
    countByAuthors: async () => {
      throw new TypeError('No such statement');
    },
  } as unknown as CommentRepository;
  return { loaders: createLoaders(new LoaderRegistry(), { comments }), batches };
}

describe('commentById', () => {
  it('asks once for all ids of a tick, each of them once, and gives null for unknown ones', async () => {
    const { loaders, batches } = createTestLoaders();
    const comments = await loaders.commentById.loadMany(['c2', 'nothing', 'c1', 'c2']);
    expect(comments).toEqual([stored[1], null, stored[0], stored[1]]);
    expect(batches).toEqual([['c2', 'nothing', 'c1']]);
  });

  it('asks for nothing when there is nothing to ask for', async () => {
    const { loaders, batches } = createTestLoaders();
    expect(await loaders.commentById.loadMany([])).toEqual([]);
    expect(batches).toEqual([]);
  });
});

describe('commentsByPost', () => {
  it('asks once for all pages of a tick; a page is another one when its size or place is', async () => {
    const { loaders, batches } = createTestLoaders();
    const at = new Date(0);
    const pages = await loaders.commentsByPost.loadMany([
      { ownerId: 'p2', first: 10 },
      { ownerId: 'p1', first: 10 },
      { ownerId: 'p1', first: 1 },
      { ownerId: 'p1', first: 10, after: { at, id: 'c0' } },
      { ownerId: 'silent', first: 10 },
      { ownerId: 'p2', first: 10 },
    ]);
    const idsOf = pages.map((page) => (page instanceof Error ? page : page.map(({ id }) => id)));
    expect(idsOf).toEqual([['c3'], ['c1', 'c2'], ['c1'], ['c1', 'c2'], [], ['c3']]);
    expect(batches).toEqual([
      [
        ['p2', 10],
        ['p1', 10],
        ['p1', 1],
        ['p1', 10],
        ['silent', 10],
      ],
    ]);
  });
});

describe('commentsByAuthor', () => {
  it('gives each author what they said', async () => {
    const { loaders } = createTestLoaders();
    const pages = await loaders.commentsByAuthor.loadMany([
      { ownerId: 'u2', first: 10 },
      { ownerId: 'u1', first: 10 },
    ]);
    expect(pages).toMatchObject([[{ id: 'c2' }], [{ id: 'c1' }, { id: 'c3' }]]);
  });
});

describe('commentCountByPost', () => {
  it('gives 0 for a post without comments', async () => {
    const { loaders, batches } = createTestLoaders();
    expect(await loaders.commentCountByPost.loadMany(['silent', 'p1'])).toEqual([0, 2]);
    expect(batches).toEqual([['silent', 'p1']]);
  });
});

describe('commentCountByAuthor', () => {
  it('fails each of its keys when the statement fails', async () => {
    const { loaders } = createTestLoaders();
    const counts = await loaders.commentCountByAuthor.loadMany(['u1', 'u2']);
    expect(counts).toEqual([new TypeError('No such statement'), new TypeError('No such statement')]);
  });
});
