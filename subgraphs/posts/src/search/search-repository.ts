import type { Sql } from '@tributary/subgraph-kit';

/** A version of something that search finds, and that another subgraph owns. */
export interface SearchEntry {
  readonly kind: 'User' | 'Comment';
  readonly id: string;
  /** What it is known by, and what it says. */
  readonly title: string;
  readonly text: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** All the SQL of what search finds besides posts. */
export const createSearchRepository = (sql: Sql) => ({
  /** Keeps the newer one of two versions. */
  put: async (entries: readonly SearchEntry[]): Promise<void> => {
    await sql`
      insert into search_entries (kind, id, search_text, created_at, updated_at)
      select kind, id, setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B'),
        created_at, updated_at
      from unnest(
        ${entries.map(({ kind }) => kind)}::text[], ${entries.map(({ id }) => id)}::text[],
        ${entries.map(({ title }) => title)}::text[], ${entries.map(({ text }) => text)}::text[],
        ${entries.map(({ createdAt }) => createdAt)}::timestamptz[],
        ${entries.map(({ updatedAt }) => updatedAt)}::timestamptz[]
      ) as entry (kind, id, title, body, created_at, updated_at)
      on conflict (kind, id) do update
        set search_text = excluded.search_text, updated_at = excluded.updated_at
        where search_entries.updated_at <= excluded.updated_at`;
  },

  remove: async (kind: SearchEntry['kind'], id: string): Promise<void> => {
    await sql`delete from search_entries where kind = ${kind} and id = ${id}`;
  },
});
