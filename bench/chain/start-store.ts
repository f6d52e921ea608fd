import { join } from 'node:path';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../packages/embedded-postgres/src/index.ts';
import { createDatabase, migrate, type Database } from '../../packages/subgraph-kit/src/index.ts';
import type { RunScope } from '../support/run-scope.ts';
import { subgraphFile, subgraphNames, type SubgraphName } from './subgraphs.ts';

/** How much the databases hold. */
export interface StoreSize {
  readonly users: number;
  readonly posts: number;
  readonly comments: number;
}

/**
 * Starts a PostgreSQL with the subgraphs' own tables, filled by a rule instead of by chance: every run reads the same
 * rows, and the authors of a page are nearly all different ones.
 */
export async function startStore(scope: RunScope, size: StoreSize): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({
    folder: join(scope.folder, 'postgres'),
    databases: subgraphNames,
    durable: false,
  });
  scope.defer(() => postgres.stop());
  for (const name of subgraphNames) await fill(name, postgres.url(name), size);
  return postgres;
}

async function fill(name: SubgraphName, url: string, size: StoreSize): Promise<void> {
  const database = createDatabase({ url, poolSize: 1, statementTimeoutMs: 300_000 });
  try {
    await migrate(database, subgraphFile(name, 'migrations/'));
    await fillers[name](database, size);
    await database.sql.unsafe('vacuum analyze');
  } finally {
    await database.stop();
  }
}

/** Authors are spread by a hash: a page has hardly one of them twice. */
const fillers: Readonly<Record<SubgraphName, (database: Database, size: StoreSize) => Promise<unknown>>> = {
  users: ({ sql }, { users }) => sql`
    insert into users (id, username, name, email, bio, city, created_at, updated_at)
    select n, 'member' || n, 'Member Number ' || n, 'member' || n || '@example.org',
      repeat('About member ' || n || '. ', 10), 'City ' || n % 100, at, at
    from generate_series(1, ${users}::int) as n,
      cast(timestamptz '2026-01-01' + n * interval '1 minute' as timestamptz) as at`,
  posts: ({ sql }, { users, posts }) => sql`
    insert into posts (id, author_id, title, content, status, created_at, updated_at, published_at)
    select n, 1 + (hashint8(n) & 2147483647) % ${users}::int, 'The title of post number ' || n,
      repeat('A sentence of post ' || n || '. ', 40), 'PUBLISHED', at, at, at
    from generate_series(1, ${posts}::int) as n,
      cast(timestamptz '2026-01-01' + n * interval '1 minute' as timestamptz) as at`,
  comments: ({ sql }, { users, posts, comments }) => sql`
    insert into comments (id, post_id, author_id, body, created_at, updated_at)
    select n, 1 + n % ${posts}::int, 1 + (hashint8(n) & 2147483647) % ${users}::int,
      repeat('A remark ' || n || '. ', 6), at, at
    from generate_series(1, ${comments}::int) as n,
      cast(timestamptz '2026-02-01' + n * interval '1 second' as timestamptz) as at`,
};
