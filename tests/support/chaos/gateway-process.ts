/** A gateway as the product starts it, whose log of events has a mistake when SABOTAGE names one. */
import { readConfig, startGateway } from '@tributary/gateway';
import { runProcess } from '@tributary/lifecycle';
import { openEventLog } from '@tributary/event-log';

import { sabotageLog } from './sabotage-log.ts';

const { EVENTS_URL = '', SABOTAGE } = process.env;

await runProcess('gateway', ({ env }) => {
  const eventLog = openEventLog({ url: EVENTS_URL });
  return startGateway(readConfig(env), { eventLog: sabotageLog(eventLog, EVENTS_URL, SABOTAGE) });
});
