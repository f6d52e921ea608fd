import { CodedError } from '@tributary/errors';
import {
  checkUser,
  encodeCursor,
  hasRole,
  isOwnerOrAdmin,
  notAllowed,
  notFound,
  parseInput,
  readPage,
  requestedFields,
  requireUser,
  toConnection,
  type CompleteResolvers,
  type Page,
  type Principal,
} from '@tributary/subgraph-kit';

import type { Context, Repositories } from './context.ts';
import { postCreated, postDeleted, postPublished, postUnpublished, postUpdated } from './events.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { createPostInput, updatePostInput } from './inputs.ts';
import type { PostRow } from './repository.ts';

export const resolvers: CompleteResolvers<Resolvers> = {
  Query: {
    post: async (_root, { id }, { loaders }) => seenByReaders(await loaders.postById.load(id)),
    posts: async (_root, { first, after, filter }, { repositories }, info) => {
      const page = readPage({ first, after }, 20);
      const hasContent = !requestedFields(info, ['edges', 'node']).isDisjointFrom(fieldsOfContent);
      return toPostConnection(await repositories.posts.list(filter ?? {}, page, hasContent), page);
    },
    drafts: requireUser(async (_root, args, { principal, repositories }) => {
      const page = readPage(args, 20);
      return toPostConnection(await repositories.posts.listDrafts(checkUser(principal), page), page);
    }),
    search: async (_root, { text, first }, { repositories }) => {
      const { first: limit } = readPage({ first }, 10);
      const found = await repositories.posts.search(text, limit);
      return found.map(
        ({ kind, ...row }) => (kind === 'Post' ? asPost(row) : { __typename: kind, id: row.id }), // their owners resolve the rest
      );
    },
  },
  Mutation: {
    createPost: requireUser((_root, { input }, { principal, transaction }) => {
      const parsed = parseInput(createPostInput, input);
      if (!parsed.ok) return parsed.failure;
      const { tags, ...post } = parsed.value;
      return transaction(async ({ posts, events }) => {
        const created = await posts.insert({ ...post, authorId: checkUser(principal) });
        await posts.replaceTags(created.id, tags);
        if (isSeen(created)) await events.publish(postCreated(created));
        return asPost(created);
      });
    }),
    updatePost: requireUser((_root, { id, input }, context) => {
      const parsed = parseInput(updatePostInput, input);
      if (!parsed.ok) return parsed.failure;
      const { tags, ...changes } = parsed.value;
      return changePost(context, id, async ({ posts, events }) => {
        if (tags !== undefined) await posts.replaceTags(id, tags ?? []);
        const updated = await posts.update(id, changes);
        if (isSeen(updated)) await events.publish(postUpdated(updated));
        return asPost(updated);
      });
    }),
    publishPost: requireUser((_root, { id }, context) =>
      changePost(context, id, async ({ posts, events }, post) => {
        if (post.status === 'PUBLISHED') return asPost(post);
        const published = await posts.publish(id);
        const isFirstTime = post.publishedAt === null;
        await events.publish(...(isFirstTime ? [postCreated(published)] : []), postPublished(published));
        return asPost(published);
      }),
    ),
    unpublishPost: requireUser((_root, { id }, context) =>
      changePost(context, id, async ({ posts, events }, post) => {
        if (!isSeen(post)) return asPost(post);
        const hidden = await posts.unpublish(id);
        await events.publish(postUnpublished(hidden));
        return asPost(hidden);
      }),
    ),
    deletePost: requireUser((_root, { id }, context) =>
      changePost(context, id, async ({ posts, events }, post) => {
        await posts.delete(id);
        if (isSeen(post)) await events.publish(postDeleted(post));
        return { __typename: 'DeletedPost' as const, id };
      }),
    ),
  },
  Post: {
    __resolveReference: async ({ id }, { loaders }) => seenByReaders(await loaders.postById.load(id)),
    content: contentOf,
    body: contentOf,
    excerpt: async (post, { length }, context) => {
      const characters = length ?? 200;
      if (characters >= 1 && characters <= 1000)
        return (await contentOf(post, {}, context)).slice(0, characters);
      throw new CodedError(
        'BAD_USER_INPUT',
        `Argument "length" must be from 1 to 1000, but got ${characters}`,
      );
    },
    readingMinutes: async (post, _args, context) => {
      const words = (await contentOf(post, {}, context)).split(/\s+/).length;
      return Math.max(1, Math.round(words / wordsPerMinute));
    },
    tags: ({ id }, _args, { loaders }) => loaders.tagsByPost.load(id),
    author: ({ authorId }) => ({ __typename: 'User' as const, id: authorId }), // users resolves the rest
  },
  User: {
    posts: async ({ id }, args, { loaders }) => {
      const page = readPage(args, 10);
      return toPostConnection(await loaders.publishedByAuthor.load({ authorId: id, ...page }), page);
    },
    postCount: ({ id }, _args, { loaders }) => loaders.postCountByAuthor.load(id),
  },
};

const wordsPerMinute = 200;

/** Fields that need the whole text, which a list of titles leaves in the database. */
const fieldsOfContent: ReadonlySet<string> = new Set(['content', 'body', 'excerpt', 'readingMinutes']);

/** A draft does not exist for readers: they cannot even learn that there is one. */
const seenByReaders = (post: PostRow | null): PostRow | null => (post && isSeen(post) ? post : null);

/** What nobody sees, nobody hears of either: drafts have no events. */
const isSeen = ({ status }: PostRow): boolean => status !== 'DRAFT';

const asPost = (post: PostRow) => ({ __typename: 'Post' as const, ...post });

const toPostConnection = (rows: readonly PostRow[], page: Page) =>
  toConnection(rows, page, ({ createdAt, id }) => encodeCursor({ at: createdAt, id }));

/** The text of a post, read again when the list that gave the post had left it out. */
async function contentOf(post: PostRow, _args: object, { loaders }: Context): Promise<string> {
  const content = post.content ?? (await loaders.postById.load(post.id))?.content;
  if (content != null) return content;
  throw new CodedError('NOT_FOUND', `Post ${post.id} was deleted while it was read`);
}

const mayChange = (principal: Principal, { authorId }: PostRow): boolean =>
  isOwnerOrAdmin(principal, authorId) || hasRole(principal, 'MODERATOR');

/** Runs a change of one post in a transaction that holds its row, if the caller may change it. */
const changePost = <T>(
  { principal, transaction }: Context,
  id: string,
  change: (repositories: Repositories, post: PostRow) => Promise<T>,
) =>
  transaction(async (repositories) => {
    const post = await repositories.posts.findForUpdate(id);
    const isVisible = post && (post.status !== 'DRAFT' || mayChange(principal, post));
    if (!isVisible) return notFound(`There is no post with the id "${id}"`);
    if (!mayChange(principal, post))
      return notAllowed('Only its author, moderators and administrators may change a post');
    return change(repositories, post);
  });
