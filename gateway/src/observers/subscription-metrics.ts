import type { Metrics } from '@tributary/telemetry';

import type { SubscriptionObserver } from '../subscriptions/subscriptions.ts';

/** What the gateway counts of events and those who wait for them; the names are a contract (docs/operations.md). */
export function createSubscriptionMetrics(metrics: Metrics): SubscriptionObserver {
  const count = (name: string, help: string) => metrics.preparedCounter({ name, help, labels: [] }).of();
  const received = count(
    'tributary_events_received_total',
    'Events of the log that have come to this gateway',
  );
  const resolved = count(
    'tributary_events_resolved_total',
    'Events resolved, once for each group of subscribers',
  );
  const delivered = count('tributary_events_delivered_total', 'Results given to subscribers');
  const dropped = count('tributary_events_dropped_total', 'Results left out for subscribers who read slowly');
  const groups = metrics.gauge({
    name: 'tributary_subscription_groups',
    help: 'Groups of subscriptions that are answered alike',
  });
  groups.set(0);
  return {
    onOpened: () => undefined,
    onClosed: () => undefined,
    onGroups: (delta) => groups.inc(delta),
    onEvent: () => received.inc(),
    onAnswered: () => resolved.inc(),
    onDelivered: (results) => delivered.inc(results),
    onDropped: (results) => dropped.inc(results),
  };
}
