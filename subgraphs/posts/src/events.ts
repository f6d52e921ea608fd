import { channelOf, type NewEvent } from '@tributary/subgraph-kit';

import type { PostRow } from './repository.ts';

/** Readers see a post for the first time. */
export const postCreated = (post: PostRow): NewEvent =>
  postEvent('PostCreated', channelOf('user', post.authorId, 'post-created'), post);

/** A post that readers see has changed. */
export const postUpdated = (post: PostRow): NewEvent =>
  postEvent('PostUpdated', channelOf('post', post.id, 'updated'), post);

/** Readers see a post, for the first time or again. */
export const postPublished = (post: PostRow): NewEvent =>
  postEvent('PostPublished', channelOf('post', post.id, 'updated'), post);

/** Readers do not see a post any more, though its author does. */
export const postUnpublished = (post: PostRow): NewEvent => postGone('PostUnpublished', post);

/** There is no such post any more. */
export const postDeleted = (post: PostRow): NewEvent => postGone('PostDeleted', post);

/** Somebody else commented on a post: its author may want to know, and nobody else needs to. */
export const postCommented = (
  { id, authorId }: PostRow,
  comment: { readonly id: string; readonly authorId: string },
): NewEvent => ({
  type: 'PostCommented',
  channel: channelOf('user', authorId, 'post-commented'),
  entity: { __typename: 'Post', id },
  audience: { principals: [authorId] },
  data: { postId: id, postAuthorId: authorId, commentId: comment.id, commentAuthorId: comment.authorId },
});

/** `data` has what fits into an event whatever the post is like, as the schema serialises it. */
const postEvent = (type: string, channel: string, post: PostRow): NewEvent => ({
  ...about(post),
  type,
  channel,
  data: {
    id: post.id,
    title: post.title,
    status: post.status,
    author: author(post),
    createdAt: post.createdAt.toISOString(),
    updatedAt: post.updatedAt.toISOString(),
    publishedAt: post.publishedAt?.toISOString() ?? null,
  },
});

const postGone = (type: string, post: PostRow): NewEvent => ({
  ...about(post),
  type,
  channel: channelOf('post', post.id, 'gone'),
});

const about = (post: PostRow) => ({
  entity: { __typename: 'Post', id: post.id },
  // How many posts an author has, and which, changes with them.
  touches: [author(post)],
});

const author = ({ authorId }: PostRow) => ({ __typename: 'User', id: authorId });
