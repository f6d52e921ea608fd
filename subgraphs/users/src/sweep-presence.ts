import { createOutbox, type Database, type Task } from '@tributary/subgraph-kit';

import { presenceChanged } from './events.ts';
import { createPresenceRepository } from './presence-repository.ts';

/** Leases of one sweep: what is left waits for the next one, and no transaction takes long. */
const sweepLimit = 500;

/** Ends leases that have run out: their holder was killed, or cannot reach us. */
export const sweepPresence: Task = {
  name: 'sweep presence',
  everyMs: 2000,
  run: (database: Database) =>
    database.transaction(async (sql) => {
      const gone = await createPresenceRepository(sql).sweep(sweepLimit);
      await createOutbox(sql, 'users').publish(...gone.map(presenceChanged));
    }),
};
