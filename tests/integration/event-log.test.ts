import { describe } from 'vitest';

import { describeEventLog } from './event-log/describe-event-log.ts';
import { startMemory, startPostgres } from './event-log/servers.ts';

describe('the event log in memory', () => {
  describeEventLog(startMemory);
});
describe('the event log in PostgreSQL', () => {
  describeEventLog(startPostgres);
});
