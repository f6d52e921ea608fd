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
  readonly readAt: Date | null;
}

export interface NewNotification extends Omit<NotificationRow, 'id' | 'createdAt' | 'readAt'> {
  /** What it is made for. */
  readonly eventId: string;
}

/** More unread ones are not counted: nobody reads the difference, and each would be looked at. */
const highestCount = 1000;

/** All the SQL of notifications. */
export type NotificationRepository = ReturnType<typeof createNotificationRepository>;

export const createNotificationRepository = (sql: Sql) => {
  const columns = sql`
    id, user_id as "userId", kind, actor_id as "actorId", post_id as "postId", comment_id as "commentId",
    created_at as "createdAt", read_at as "readAt"`;

  return {
    findByIds: (ids: readonly string[]) => sql<NotificationRow[]>`
      select ${columns} from notifications where id = any(${ids})`,

    /** One more row than the page has tells whether there is a next page. */
    list: (userId: string, { first, after }: Page) => sql<NotificationRow[]>`
      select ${columns} from notifications
      where user_id = ${userId} ${after ? sql`and (created_at, id) < (${after.at}, ${after.id})` : sql``}
      order by created_at desc, id desc
      limit ${first + 1}`,

    countUnread: async (userId: string): Promise<number> => {
      const [{ count }] = await sql<[{ count: number }]>`
        select count(*)::int as count
        from (select from notifications where user_id = ${userId} and read_at is null limit ${highestCount}) unread`;
      return count;
    },

    /** Gives the ids of those that are the member's, and so are read now. */
    markRead: async (userId: string, ids: readonly string[]): Promise<readonly string[]> => {
      // In one order, so that two of the member's devices never wait for each other.
      const read = await sql<{ id: string }[]>`
        update notifications set read_at = coalesce(read_at, now())
        where id = any(array(
          select id from notifications where user_id = ${userId} and id = any(${ids}) order by id for update
        ))
        returning id`;
      return read.map(({ id }) => id);
    },

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
