import { channelOf, type NewEvent } from '@tributary/subgraph-kit';

import type { CommentRow } from './repository.ts';

/** Longer texts are asked for; 5,000 letters fit, and leave room for what else is in an event. */
const maxBodyBytes = 5200;

export const commentAdded = (comment: CommentRow): NewEvent => ({
  ...about(comment),
  type: 'CommentAdded',
  channel: channelOf('post', comment.postId, 'comment-added'),
  data: dataOf(comment),
});

export const commentEdited = (comment: CommentRow): NewEvent => ({
  ...about(comment),
  type: 'CommentEdited',
  channel: channelOf('post', comment.postId, 'comment-edited'),
  data: dataOf(comment),
});

export const commentDeleted = (comment: CommentRow): NewEvent => ({
  ...about(comment),
  type: 'CommentDeleted',
  channel: channelOf('post', comment.postId, 'comment-deleted'),
});

const about = (comment: CommentRow) => ({
  entity: { __typename: 'Comment', id: comment.id },
  // How many comments they have, and which, changes with it.
  touches: [post(comment), author(comment)],
});

/** What saves a fetch, as the schema serialises it. */
const dataOf = (comment: CommentRow) => ({
  id: comment.id,
  ...(Buffer.byteLength(JSON.stringify(comment.body)) <= maxBodyBytes && { body: comment.body }),
  isEdited: comment.updatedAt > comment.createdAt,
  author: author(comment),
  post: post(comment),
  createdAt: comment.createdAt.toISOString(),
  updatedAt: comment.updatedAt.toISOString(),
});

const post = ({ postId }: CommentRow) => ({ __typename: 'Post', id: postId });
const author = ({ authorId }: CommentRow) => ({ __typename: 'User', id: authorId });
