import { createOutbox, type Consumer } from '@tributary/subgraph-kit';
import { z } from 'zod';

import { notificationCreated } from './events.ts';
import { createNotificationRepository } from './notification-repository.ts';

const postCommented = z.object({
  postId: z.string(),
  postAuthorId: z.string(),
  commentId: z.string(),
  commentAuthorId: z.string(),
});

/** A comment on a member's post is worth a notification. */
export const notifyAuthors: Consumer = {
  name: 'notify authors of comments',
  isFor: ({ source, type }) => source === 'posts' && type === 'PostCommented',
  handle: async (sql, { id, data }) => {
    const { postId, postAuthorId, commentId, commentAuthorId } = postCommented.parse(data);
    const notification = await createNotificationRepository(sql).insert({
      eventId: id,
      userId: postAuthorId,
      kind: 'POST_COMMENTED',
      actorId: commentAuthorId,
      postId,
      commentId,
    });
    if (notification) await createOutbox(sql, 'users').publish(notificationCreated(notification));
  },
};
