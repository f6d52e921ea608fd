import type { Page, Sql } from '@tributary/subgraph-kit';

/** A comment as it is stored. */
export interface CommentRow {
  readonly id: string;
  readonly postId: string;
  readonly authorId: string;
  readonly body: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A page of the comments of one post or one author: what tells two such loads apart. */
export interface CommentPage extends Page {
  readonly ownerId: string;
}

export interface NewComment {
  readonly postId: string;
  readonly authorId: string;
  readonly body: string;
}

/** All the SQL of comments. `any()` keeps one prepared statement, however many keys there are. */
export type CommentRepository = ReturnType<typeof createCommentRepository>;

export const createCommentRepository = (sql: Sql) => {
  const columns = () => sql`
    comments.id, post_id as "postId", author_id as "authorId", body,
    created_at as "createdAt", updated_at as "updatedAt"`;

  /** Many pages as a table; one more row than each has tells whether there is a next one. */
  const pageTable = (pages: readonly CommentPage[]) => sql`
    unnest(
      ${pages.map(({ ownerId }) => ownerId)}::text[],
      ${pages.map(({ first }) => first + 1)}::int[],
      ${pages.map(({ after }) => after?.at.toISOString() ?? null)}::timestamptz[],
      ${pages.map(({ after }) => after?.id ?? null)}::text[]
    ) with ordinality as page (owner_id, size, after_at, after_id, index)`;

  return {
    findByIds: (ids: readonly string[]) => sql<CommentRow[]>`
      select ${columns()} from comments where id = any(${ids})`,

    /** One more row than the page has tells whether there is a next page. */
    list: ({ first, after }: Page) => sql<CommentRow[]>`
      select ${columns()} from comments
      ${after ? sql`where (created_at, comments.id) > (${after.at}, ${after.id})` : sql``}
      order by created_at, comments.id
      limit ${first + 1}`,

    /** The threads of many posts at once, each with its own size and place. */
    listByPosts: (pages: readonly CommentPage[]) => sql<(CommentRow & { pageIndex: number })[]>`
      select page.index::int as "pageIndex", thread.*
      from ${pageTable(pages)}
      cross join lateral (
        select ${columns()} from comments
        where post_id = page.owner_id
          and (page.after_at is null or (created_at, comments.id) > (page.after_at, page.after_id))
        order by created_at, comments.id
        limit page.size
      ) as thread
      order by page.index, "createdAt", thread.id`,

    /** What many authors said, each with its own size and place. */
    listByAuthors: (pages: readonly CommentPage[]) => sql<(CommentRow & { pageIndex: number })[]>`
      select page.index::int as "pageIndex", said.*
      from ${pageTable(pages)}
      cross join lateral (
        select ${columns()} from comments
        where author_id = page.owner_id
          and (page.after_at is null or (created_at, comments.id) < (page.after_at, page.after_id))
        order by created_at desc, comments.id desc
        limit page.size
      ) as said
      order by page.index, "createdAt" desc, said.id desc`,

    countByPosts: (postIds: readonly string[]) => sql<{ postId: string; count: number }[]>`
      select post_id as "postId", count(*)::int as count from comments
      where post_id = any(${postIds})
      group by post_id`,

    countByAuthors: (authorIds: readonly string[]) => sql<{ authorId: string; count: number }[]>`
      select author_id as "authorId", count(*)::int as count from comments
      where author_id = any(${authorIds})
      group by author_id`,

    insert: async ({ postId, authorId, body }: NewComment): Promise<CommentRow> => {
      const [row] = await sql<[CommentRow]>`
        insert into comments (post_id, author_id, body)
        values (${postId}, ${authorId}, ${body})
        returning ${columns()}`;
      return row;
    },

    /** Locks the row until the transaction ends: what is decided by it stays true until it is changed. */
    findForUpdate: async (id: string): Promise<CommentRow | undefined> => {
      const [row] = await sql<CommentRow[]>`select ${columns()} from comments where id = ${id} for update`;
      return row;
    },

    update: async (id: string, body: string): Promise<CommentRow> => {
      const [row] = await sql<[CommentRow]>`
        update comments set body = ${body}, updated_at = now()
        where id = ${id}
        returning ${columns()}`;
      return row;
    },

    delete: (id: string) => sql`delete from comments where id = ${id}`,
  };
};
