import { setTimeout as delay } from 'node:timers/promises';

import postgres from 'postgres';

/** Asks until nothing is left that was there when we began. */
export async function waitUntilSent(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    const [{ last }] = await sql<[{ last: string | null }]>`select max(id) as last from outbox`;
    if (last === null) return;
    for (;;) {
      const [{ isSent }] = await sql<[{ isSent: boolean }]>`
        select not exists (select from outbox where sent_at is null and id <= ${last}) as "isSent"`;
      if (isSent) return;
      await delay(10);
    }
  } finally {
    await sql.end();
  }
}
