import { readFile } from 'node:fs/promises';

import type { Database } from '@tributary/subgraph-kit';
import { z } from 'zod';

const seedFile = new URL('../seed/jsonplaceholder.json', import.meta.url);

const seedPosts = z.array(
  z.object({ id: z.number(), userId: z.number(), title: z.string(), body: z.string() }),
);

/** The first post's hour; each further one is an hour younger, so that lists have an order. */
const firstPostAt = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;

/** Fills an empty table with the posts of jsonplaceholder, ids kept; the first word of a title is its tag. */
export async function seed(database: Database): Promise<void> {
  const posts = seedPosts.parse(JSON.parse(await readFile(seedFile, 'utf8')));
  await database.transaction(async (sql) => {
    const [{ isEmpty }] = await sql<
      [{ isEmpty: boolean }]
    >`select not exists (select from posts) as "isEmpty"`;
    if (!isEmpty) return;
    // As text: postgres.js takes an array of Dates for a single one.
    const times = posts.map((_post, index) => new Date(firstPostAt + index * hourMs).toISOString());
    await sql`
      insert into posts (id, author_id, title, content, status, created_at, updated_at, published_at)
      select id, author_id, title, content, 'PUBLISHED', at, at, at
      from unnest(
        ${posts.map(({ id }) => String(id))}::text[], ${posts.map(({ userId }) => String(userId))}::text[],
        ${posts.map(({ title }) => title)}::text[], ${posts.map(({ body }) => body)}::text[], ${times}::timestamptz[]
      ) as seed (id, author_id, title, content, at)`;
    await sql`
      insert into post_tags (post_id, position, tag)
      select id, 1, split_part(title, ' ', 1) from posts`;
  });
}
