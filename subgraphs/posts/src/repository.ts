import type { Cursor, Page, Sql } from '@tributary/subgraph-kit';

import { postCondition, type PostFilter } from './post-filter.ts';

export type PostStatus = 'DRAFT' | 'PUBLISHED' | 'ARCHIVED';

/** A post as it is stored; `content` is null where a list left it out. */
export interface PostRow {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly content: string | null;
  readonly status: PostStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly publishedAt: Date | null;
}

/** A page of one author's posts: what tells two such loads apart. */
export interface AuthorPage extends Page {
  readonly authorId: string;
}

export interface NewPost {
  readonly authorId: string;
  readonly title: string;
  readonly content: string;
  readonly status: PostStatus;
}

/** What changes; an absent value stays as it is. */
export interface PostChanges {
  readonly title?: string | undefined;
  readonly content?: string | undefined;
}

/** All the SQL of posts. `any()` keeps one prepared statement, however many keys there are. */
export type PostRepository = ReturnType<typeof createPostRepository>;

export const createPostRepository = (sql: Sql) => {
  const columns = (hasContent = true) => sql`
    posts.id, author_id as "authorId", title, ${hasContent ? sql`content` : sql`null as content`}, status,
    created_at as "createdAt", updated_at as "updatedAt", published_at as "publishedAt"`;

  const afterCursor = (after: Cursor | undefined) =>
    after ? sql`and (created_at, posts.id) < (${after.at}, ${after.id})` : sql``;

  return {
    findByIds: (ids: readonly string[]) => sql<PostRow[]>`
      select ${columns()} from posts where id = any(${ids})`,

    /** One more row than the page has tells whether there is a next page. */
    list: (filter: PostFilter, { first, after }: Page, hasContent: boolean) => sql<PostRow[]>`
      select ${columns(hasContent)} from posts
      where ${postCondition(sql, filter)}
      ${afterCursor(after)}
      order by created_at desc, posts.id desc
      limit ${first + 1}`,

    listDrafts: (authorId: string, { first, after }: Page) => sql<PostRow[]>`
      select ${columns()} from posts
      where author_id = ${authorId} and status = 'DRAFT' ${afterCursor(after)}
      order by created_at desc, posts.id desc
      limit ${first + 1}`,

    /** The pages of many authors at once, each with its own size and place. */
    listPublishedByAuthors: (pages: readonly AuthorPage[]) => sql<(PostRow & { pageIndex: number })[]>`
      select page.index::int as "pageIndex", published.*
      from unnest(
        ${pages.map(({ authorId }) => authorId)}::text[],
        ${pages.map(({ first }) => first + 1)}::int[],
        ${pages.map(({ after }) => after?.at.toISOString() ?? null)}::timestamptz[],
        ${pages.map(({ after }) => after?.id ?? null)}::text[]
      ) with ordinality as page (author_id, size, after_at, after_id, index)
      cross join lateral (
        select ${columns()} from posts
        where posts.author_id = page.author_id and status = 'PUBLISHED'
          and (page.after_at is null or (created_at, posts.id) < (page.after_at, page.after_id))
        order by created_at desc, posts.id desc
        limit page.size
      ) as published
      order by page.index, "createdAt" desc, published.id desc`,

    countPublishedByAuthors: (authorIds: readonly string[]) => sql<{ authorId: string; count: number }[]>`
      select author_id as "authorId", count(*)::int as count from posts
      where author_id = any(${authorIds}) and status = 'PUBLISHED'
      group by author_id`,

    findTags: (postIds: readonly string[]) => sql<{ postId: string; tag: string }[]>`
      select post_id as "postId", tag from post_tags where post_id = any(${postIds}) order by post_id, position`,

    /** Posts, and the ids of what others own. */
    search: (text: string, limit: number) => sql<(PostRow & { kind: 'Post' | 'User' | 'Comment' })[]>`
      with matches as (
        select 'Post' as kind, id, ts_rank(search_text, query) as rank, created_at as made_at
        from posts, websearch_to_tsquery('simple', ${text}) as query
        where search_text @@ query and status = 'PUBLISHED'
        union all
        select kind, id, ts_rank(search_text, query), created_at
        from search_entries, websearch_to_tsquery('simple', ${text}) as query
        where search_text @@ query
        order by rank desc, made_at desc, id desc
        limit ${limit}
      )
      select ${columns()}, matches.id, kind
      from matches left join posts on kind = 'Post' and posts.id = matches.id
      order by rank desc, made_at desc, matches.id desc`,

    insert: async ({ authorId, title, content, status }: NewPost): Promise<PostRow> => {
      const [row] = await sql<[PostRow]>`
        insert into posts (author_id, title, content, status, published_at)
        values (${authorId}, ${title}, ${content}, ${status}, ${status === 'PUBLISHED' ? sql`now()` : null})
        returning ${columns()}`;
      return row;
    },

    /** Locks the row until the transaction ends: what is decided by it stays true until it is changed. */
    findForUpdate: async (id: string): Promise<PostRow | undefined> => {
      const [row] = await sql<PostRow[]>`select ${columns()} from posts where id = ${id} for update`;
      return row;
    },

    update: async (id: string, { title, content }: PostChanges): Promise<PostRow> => {
      const [row] = await sql<[PostRow]>`
        update posts set title = coalesce(${title ?? null}, title), content = coalesce(${content ?? null}, content),
          updated_at = now()
        where id = ${id}
        returning ${columns()}`;
      return row;
    },

    publish: async (id: string): Promise<PostRow> => {
      const [row] = await sql<[PostRow]>`
        update posts set status = 'PUBLISHED', published_at = coalesce(published_at, now()), updated_at = now()
        where id = ${id}
        returning ${columns()}`;
      return row;
    },

    /** Keeps when readers first saw it. */
    unpublish: async (id: string): Promise<PostRow> => {
      const [row] = await sql<[PostRow]>`
        update posts set status = 'DRAFT', updated_at = now()
        where id = ${id}
        returning ${columns()}`;
      return row;
    },

    delete: (id: string) => sql`delete from posts where id = ${id}`,

    replaceTags: async (postId: string, tags: readonly string[]): Promise<void> => {
      await sql`delete from post_tags where post_id = ${postId}`;
      if (tags.length === 0) return;
      await sql`
        insert into post_tags (post_id, position, tag)
        select ${postId}, position, tag from unnest(${tags}::text[]) with ordinality as list (tag, position)`;
    },
  };
};
