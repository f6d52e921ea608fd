import type { Page, Sql } from '@tributary/subgraph-kit';

export type NotificationKind = 'POST_COMMENTED';

/** A notification as it is stored. */
export interface NotificationRow {
  readonly id: string;
  /** Who should know. */
  readonly userId: string;
  readonly kind: NotificationKind;
  readonly actorId: string;
  readonly postId: string | null;
  readonly commentId: string | null;
  readonly createdAt: Date;
}

export interface NewNotification extends Omit<NotificationRow, 'id' | 'createdAt'> {
  /** What it is made for. */
  readonly eventId: string;
}

/** All the SQL of notifications. */
export type NotificationRepository = ReturnType<typeof createNotificationRepository>;

export const createNotificationRepository = (sql: Sql) => {
  const columns = sql`
    id, user_id as "userId", kind, actor_id as "actorId", post_id as "postId", comment_id as "commentId",
    created_at as "createdAt"`;

  return {
    findByIds: (ids: readonly string[]) => sql<NotificationRow[]>`
      select ${columns} from notifications where id = any(${ids})`,

    /** One more row than the page has tells whether there is a next page. */
    list: (userId: string, { first, after }: Page) => sql<NotificationRow[]>`
      select ${columns} from notifications
      where user_id = ${userId} ${after ? sql`and (created_at, id) < (${after.at}, ${after.id})` : sql``}
      order by created_at desc, id desc
      limit ${first + 1}`,

    /** Nothing for an event that has made one before, or for somebody who is no member. */
    insert: async (notification: NewNotification): Promise<NotificationRow | undefined> => {
      const { eventId, userId, kind, actorId, postId, commentId } = notification;
      const [row] = await sql<NotificationRow[]>`
        insert into notifications (event_id, user_id, kind, actor_id, post_id, comment_id)
        select ${eventId}::uuid, id, ${kind}, ${actorId}, ${postId}, ${commentId} from users where id = ${userId}
        on conflict (event_id) do nothing
        returning ${columns}`;
      return row;
    },
  };
};
