/**
 * What serves subscriptions in a gateway, with sockets and with a log of its own, in a process whose memory a test can
 * look at. It publishes when it is told to, and makes the mistake that SABOTAGE names.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { checkConfig } from '@tributary/config';
import { openEventLog } from '@tributary/event-log';
import { createLogger } from '@tributary/telemetry';

import { anonymous } from '../../../gateway/src/identity/principal.ts';
import { startServer } from '../../../gateway/src/server.ts';
import { readConnectionSettings } from '../../../gateway/src/subscriptions/read-connection-settings.ts';
import { createTransports } from '../../../gateway/src/subscriptions/transports/create-transports.ts';
import { startTestSubscriptions } from '../start-test-subscriptions.ts';
import type { LiveCommand, LiveMeasures, PublishCommand } from './live-program.ts';
import { sabotageLive } from './sabotage-live.ts';

const { SUPERGRAPH = '', LOG_URL = 'memory:', QUEUE_BYTES = '262144', SABOTAGE = '' } = process.env;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const logger = createLogger({ name: 'live', level: 'error' });
const sabotage = sabotageLive(SABOTAGE);
const live = await startTestSubscriptions(
  { file: SUPERGRAPH },
  {
    // Events themselves are no part of what is measured.
    eventLog: openEventLog({ url: LOG_URL, retention: { maxEvents: 200 } }),
    delivery: { maxQueueBytes: Number(QUEUE_BYTES), whenSlow: 'drop' },
    observers: [],
  },
);
let connections = 0;
const transports = createTransports({
  connections: checkConfig({ MAX_MESSAGES_PER_SECOND: '1000' }, readConnectionSettings),
  corsOrigins: [],
  forwardedHeaders: [],
  maxBodyBytes: 65_536,
  bodyTimeoutMs: 5000,
  run: sabotage(live.subscriptions.runOperation),
  verifyToken: () => anonymous,
  report: () => [],
  metrics: {
    connectionOpened: () => (connections += 1),
    connectionClosed: () => (connections -= 1),
    connectionRefused: () => {},
    subscriptionsOpen: () => {},
  },
  logger,
});
const server = await startServer({
  host: '127.0.0.1',
  port: 0,
  drainTimeoutMs: 1000,
  logger,
  routes: {},
  upgrades: { '/graphql': transports.upgrade },
});

const countResources = (type: string): number =>
  process.getActiveResourcesInfo().filter((each) => each === type).length;

const measure = (): LiveMeasures => {
  // Weak references and finalizers take more than one collection.
  for (let index = 0; index < 4; index += 1) collectGarbage();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return {
    ...live.subscriptions.stats(),
    connections,
    upstreams: live.upstreams.size,
    timers: countResources('Timeout'),
    sockets: countResources('TCPSocketWrap'),
    heapBytes: heapUsed,
    bufferBytes: external + arrayBuffers,
    rssBytes: rss,
  };
};

const publish = async ({ id, count, text }: PublishCommand): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    const data = { at: process.hrtime.bigint().toString(), ...(text && { text }) };
    await live.publish(`thing.${id}.counted`, { __typename: 'Thing', id }, { source: 'things', data });
  }
};

async function obey(command: LiveCommand): Promise<object> {
  if (command.do === 'measure') return measure();
  if (command.do === 'count')
    return { ...live.subscriptions.stats(), connections, upstreams: live.upstreams.size };
  if (command.do === 'publish') await publish(command);
  return {};
}

process.on('message', (command: LiveCommand) => void obey(command).then((answer) => process.send?.(answer)));
process.once('disconnect', () => process.exit());
process.send?.({ url: `${server.url.replace('http', 'ws')}/graphql` });
