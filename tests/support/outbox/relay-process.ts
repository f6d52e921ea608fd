/**
 * A process that relays, and ends itself as an operating system does that has run out of memory: when it is at the
 * step FAULT_STEP for the FAULT_COUNT-th time.
 */
import { openEventLog, type EventLog } from '@tributary/event-log';
import { startRelay } from '@tributary/event-log/outbox';

const { DATABASE_URL = '', LOG_URL = '', FAULT_STEP = '', FAULT_COUNT = '1' } = process.env;

let left = Number(FAULT_COUNT);
const die = () => process.kill(process.pid, 'SIGKILL');
const reach = (step: string) => {
  if (step === FAULT_STEP && (left -= 1) === 0) die();
};

const log = openEventLog({ url: LOG_URL });
/** Between what was sent and what the log says of it. */
const dying: Pick<EventLog, 'appendAll' | 'ends'> = {
  ends: (partitions) => log.ends(partitions),
  appendAll: async (entries, options) => {
    if (FAULT_STEP === 'half appended' && left === 1 && entries.length > 1) {
      await log.appendAll(entries.slice(0, Math.ceil(entries.length / 2)), options);
      die();
    }
    const outcomes = await log.appendAll(entries, options);
    reach('appended');
    return outcomes;
  },
};

startRelay({
  database: { url: DATABASE_URL },
  log: dying,
  source: 'things',
  logger: {
    info: () => process.send?.('leading'),
    warn: (details) => process.stderr.write(`${JSON.stringify(details)}\n`),
  },
  electionMs: 20,
  checkMs: 100,
  retryMs: 20,
  batchSize: 20,
  onStep: reach,
});
