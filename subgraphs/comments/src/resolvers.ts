import {
  checkUser,
  encodeCursor,
  hasRole,
  isOwnerOrAdmin,
  notAllowed,
  notFound,
  parseInput,
  readPage,
  requireUser,
  toConnection,
  type CompleteResolvers,
  type Page,
  type Principal,
} from '@tributary/subgraph-kit';

import type { Context, Repositories } from './context.ts';
import { commentAdded, commentDeleted, commentEdited } from './events.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { addCommentInput, editCommentInput } from './inputs.ts';
import type { CommentRow } from './repository.ts';

export const resolvers: CompleteResolvers<Resolvers> = {
  Query: {
    comment: (_root, { id }, { loaders }) => loaders.commentById.load(id),
    comments: async (_root, args, { repositories }) => {
      const page = readPage(args, 20);
      return toCommentConnection(await repositories.comments.list(page), page);
    },
  },
  Mutation: {
    addComment: requireUser((_root, { input }, { principal, transaction }) => {
      const parsed = parseInput(addCommentInput, input);
      if (!parsed.ok) return parsed.failure;
      return transaction(async ({ comments, events }) => {
        const added = await comments.insert({ ...parsed.value, authorId: checkUser(principal) });
        await events.publish(commentAdded(added));
        return asComment(added);
      });
    }),
    editComment: requireUser((_root, { id, input }, context) => {
      const parsed = parseInput(editCommentInput, input);
      if (!parsed.ok) return parsed.failure;
      const { body } = parsed.value;
      return withComment(context, id, async ({ comments, events }, comment) => {
        if (!isAuthor(context.principal, comment)) return notAllowed('Only its author may edit a comment');
        // What changes nothing is no edit, and must not show as one.
        if (body === undefined || body === comment.body) return asComment(comment);
        const edited = await comments.update(id, body);
        await events.publish(commentEdited(edited));
        return asComment(edited);
      });
    }),
    deleteComment: requireUser((_root, { id }, context) =>
      withComment(context, id, async ({ comments, events }, comment) => {
        if (!mayDelete(context.principal, comment))
          return notAllowed('Only its author, moderators and administrators may delete a comment');
        await comments.delete(id);
        await events.publish(commentDeleted(comment));
        return { __typename: 'DeletedComment' as const, id };
      }),
    ),
  },
  Comment: {
    __resolveReference: ({ id }, { loaders }) => loaders.commentById.load(id),
    isEdited: ({ createdAt, updatedAt }) => updatedAt > createdAt,
    author: ({ authorId }) => ({ __typename: 'User' as const, id: authorId }), // users resolves the rest
    post: ({ postId }) => ({ __typename: 'Post' as const, id: postId }), // posts resolves the rest
  },
  Post: {
    threadTitle: ({ title }) => (title == null ? null : `Re: ${title}`),
    comments: async ({ id }, args, { loaders }) => {
      const page = readPage(args, 10);
      return toCommentConnection(await loaders.commentsByPost.load({ ownerId: id, ...page }), page);
    },
    commentCount: ({ id }, _args, { loaders }) => loaders.commentCountByPost.load(id),
  },
  User: {
    comments: async ({ id }, args, { loaders }) => {
      const page = readPage(args, 10);
      return toCommentConnection(await loaders.commentsByAuthor.load({ ownerId: id, ...page }), page);
    },
    commentCount: ({ id }, _args, { loaders }) => loaders.commentCountByAuthor.load(id),
  },
};

const asComment = (comment: CommentRow) => ({ __typename: 'Comment' as const, ...comment });

const toCommentConnection = (rows: readonly CommentRow[], page: Page) =>
  toConnection(rows, page, ({ createdAt, id }) => encodeCursor({ at: createdAt, id }));

const isAuthor = ({ userId }: Principal, { authorId }: CommentRow): boolean => userId === authorId;

const mayDelete = (principal: Principal, { authorId }: CommentRow): boolean =>
  isOwnerOrAdmin(principal, authorId) || hasRole(principal, 'MODERATOR');

/** Runs work on one comment in a transaction that holds its row. */
const withComment = <T>(
  { transaction }: Context,
  id: string,
  work: (repositories: Repositories, comment: CommentRow) => Promise<T>,
) =>
  transaction(async (repositories) => {
    const comment = await repositories.comments.findForUpdate(id);
    return comment ? work(repositories, comment) : notFound(`There is no comment with the id "${id}"`);
  });
