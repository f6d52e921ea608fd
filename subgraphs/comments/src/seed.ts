import { readFile } from 'node:fs/promises';

import type { Database } from '@tributary/subgraph-kit';
import { z } from 'zod';

const seedFile = new URL('../seed/jsonplaceholder.json', import.meta.url);

const seedComments = z.array(z.object({ id: z.number(), postId: z.number(), body: z.string() }));

/** The first comment's minute, after the last post's; each further one is ten minutes younger. */
const firstCommentAt = Date.UTC(2026, 0, 6);
const tenMinutesMs = 600_000;

/** The data name no members, so the ten take turns. */
const authorOf = (id: number): string => String(1 + ((id - 1) % 10));

/** Fills an empty table with the comments of jsonplaceholder, ids kept. */
export async function seed(database: Database): Promise<void> {
  const comments = seedComments.parse(JSON.parse(await readFile(seedFile, 'utf8')));
  await database.transaction(async (sql) => {
    const [{ isEmpty }] = await sql<
      [{ isEmpty: boolean }]
    >`select not exists (select from comments) as "isEmpty"`;
    if (!isEmpty) return;
    // As text: postgres.js takes an array of Dates for a single one.
    const times = comments.map((_comment, index) =>
      new Date(firstCommentAt + index * tenMinutesMs).toISOString(),
    );
    await sql`
      insert into comments (id, post_id, author_id, body, created_at, updated_at)
      select id, post_id, author_id, body, at, at
      from unnest(
        ${comments.map(({ id }) => String(id))}::text[], ${comments.map(({ postId }) => String(postId))}::text[],
        ${comments.map(({ id }) => authorOf(id))}::text[], ${comments.map(({ body }) => body)}::text[],
        ${times}::timestamptz[]
      ) as seed (id, post_id, author_id, body, at)`;
  });
}
