/** A relay that notes that events are sent before it sends them, and is killed between the two for once. */
import { openEventLog, type Event } from '@tributary/event-log';
import postgres from 'postgres';

const { DATABASE_URL = '', LOG_URL = '', FAULT_COUNT = '1' } = process.env;

const sql = postgres(DATABASE_URL, { max: 1, onnotice: () => {} });
const log = openEventLog({ url: LOG_URL });
let left = Number(FAULT_COUNT);
process.once('disconnect', () => process.exit());
process.send?.('leading');

for (;;) {
  const rows = await sql<{ id: string; partition: string; event: string }[]>`
    update outbox set sent_at = now() where id in (
      select id from outbox where sent_at is null order by id limit 20
    ) returning id, partition, event`;
  if (rows.length > 0 && (left -= 1) === 0) process.kill(process.pid, 'SIGKILL');
  for (const { partition, event } of rows.toSorted((one, other) => Number(one.id) - Number(other.id))) {
    const ends = await log.ends([partition]);
    await log.append({ partition, seq: (ends.get(partition) ?? 0) + 1 }, JSON.parse(event) as Event);
  }
}
