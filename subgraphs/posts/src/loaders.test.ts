import { LoaderRegistry } from '@tributary/subgraph-kit';
import { describe, expect, it } from 'vitest';

import { createLoaders } from './loaders.ts';
import type { AuthorPage, PostRepository, PostRow } from './repository.ts';

const rowOf = (id: string, authorId: string) => ({ id, authorId }) as PostRow;
const stored = [rowOf('p1', 'u1'), rowOf('p2', 'u2'), rowOf('p3', 'u1')];

/** Loaders over three posts, and the keys of every batch that was asked for. */
function createTestLoaders() {
  const batches: unknown[] = [];
  const posts = {
    findByIds: async (ids: readonly string[]) => {
      batches.push(ids);
      return stored.filter(({ id }) => ids.includes(id)).toReversed();
    },
    listPublishedByAuthors: async (pages: readonly AuthorPage[]) => {
      batches.push(pages.map(({ authorId, first }) => [authorId, first]));
      return pages.flatMap(({ authorId, first }, index) =>
        stored
          .filter((post) => post.authorId === authorId)
          .slice(0, first)
          .map((post) => ({ ...post, pageIndex: index + 1 })),
      );
    },
    countPublishedByAuthors: async () => {
      throw new TypeError('No such statement');
    },
    findTags: async (postIds: readonly string[]) => {
      batches.push(postIds);
      return [
        { postId: 'p2', tag: 'b' },
        { postId: 'p1', tag: 'z' },
        { postId: 'p2', tag: 'a' },
      ];
    },
  } as unknown as PostRepository;
  return { loaders: createLoaders(new LoaderRegistry(), { posts }), batches };
}

describe('postById', () => {
  it('asks once for all ids of a tick, each of them once, and gives null for unknown ones', async () => {
    const { loaders, batches } = createTestLoaders();
    const posts = await loaders.postById.loadMany(['p2', 'nothing', 'p1', 'p2']);
    expect(posts).toEqual([stored[1], null, stored[0], stored[1]]);
    expect(batches).toEqual([['p2', 'nothing', 'p1']]);
  });

  it('asks for nothing when there is nothing to ask for', async () => {
    const { loaders, batches } = createTestLoaders();
    expect(await loaders.postById.loadMany([])).toEqual([]);
    expect(batches).toEqual([]);
  });
});

describe('publishedByAuthor', () => {
  it('asks once for all pages of a tick; a page is another one when its size or place is', async () => {
    const { loaders, batches } = createTestLoaders();
    const pages = await loaders.publishedByAuthor.loadMany([
      { authorId: 'u2', first: 10 },
      { authorId: 'u1', first: 10 },
      { authorId: 'u1', first: 1 },
      { authorId: 'u1', first: 10, after: { at: new Date(0), id: 'p0' } },
      { authorId: 'silent', first: 10 },
      { authorId: 'u2', first: 10 },
    ]);
    const idsOf = pages.map((page) => (page instanceof Error ? page : page.map(({ id }) => id)));
    expect(idsOf).toEqual([['p2'], ['p1', 'p3'], ['p1'], ['p1', 'p3'], [], ['p2']]);
    expect(batches).toEqual([
      [
        ['u2', 10],
        ['u1', 10],
        ['u1', 1],
        ['u1', 10],
        ['silent', 10],
      ],
    ]);
  });
});

describe('postCountByAuthor', () => {
  it('fails each of its keys when the statement fails', async () => {
    const { loaders } = createTestLoaders();
    const counts = await loaders.postCountByAuthor.loadMany(['u1', 'u2']);
    expect(counts).toEqual([new TypeError('No such statement'), new TypeError('No such statement')]);
  });
});

describe('tagsByPost', () => {
  it("keeps each post's tags in their order, none for a post without", async () => {
    const { loaders, batches } = createTestLoaders();
    expect(await loaders.tagsByPost.loadMany(['p1', 'p3', 'p2'])).toEqual([['z'], [], ['b', 'a']]);
    expect(batches).toEqual([['p1', 'p3', 'p2']]);
  });
});
