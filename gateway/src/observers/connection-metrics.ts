import type { Metrics } from '@tributary/telemetry';

import { transports } from '../subscriptions/connections/connection.ts';
import type { ConnectionMetrics } from '../subscriptions/connections/connections.ts';

/** What the gateway counts of connections that stay open; the names are a contract (docs/operations.md). */
export function createConnectionMetrics(metrics: Metrics): ConnectionMetrics {
  const subscriptions = metrics.gauge({
    name: 'tributary_active_subscriptions',
    help: 'Subscriptions being served',
  });
  subscriptions.set(0);
  const connections = metrics.gauge({
    name: 'tributary_connections',
    help: 'Connections that stay open by transport',
    labels: ['transport'],
  });
  for (const transport of transports) connections.set({ transport }, 0);
  const closed = metrics.counter({
    name: 'tributary_connections_closed_total',
    help: 'Connections that ended by who or what ended them',
    labels: ['transport', 'reason'],
  });
  const refused = metrics.counter({
    name: 'tributary_connections_refused_total',
    help: 'Connections that were not taken by the reason',
    labels: ['reason'],
  });
  return {
    connectionOpened: (transport) => connections.inc({ transport }),
    connectionClosed: (transport, reason) => {
      connections.dec({ transport });
      // A client may close with any of a thousand codes: they are in the log.
      closed.inc({ transport, reason: reason.startsWith('client') ? 'client' : reason });
    },
    connectionRefused: (reason) => refused.inc({ reason }),
    subscriptionsOpen: (delta) => subscriptions.inc(delta),
  };
}
