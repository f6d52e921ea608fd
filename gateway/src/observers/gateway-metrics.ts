import { errorKind } from '@tributary/errors';
import { createMetrics, type Metrics } from '@tributary/telemetry';

import type { RequestObserver } from './access-log.ts';

/** What the gateway counts; the names are a contract (docs/operations.md). */
export interface GatewayMetrics extends Pick<Metrics, 'text' | 'contentType'> {
  readonly observe: RequestObserver;
  readonly countSubgraphRequest: (subgraph: string) => void;
  readonly countSharedFetch: (subgraph: string) => void;
  /** Lets a subgraph show up with 0 before its first request. */
  readonly declareSubgraph: (subgraph: string) => void;
}

export function createGatewayMetrics(version: string): GatewayMetrics {
  const metrics = createMetrics({ service: 'gateway', version });
  const subgraphRequests = metrics.counter({
    name: 'tributary_subgraph_requests_total',
    help: 'Requests sent to each subgraph',
    labels: ['subgraph'],
  });
  const sharedFetches = metrics.counter({
    name: 'tributary_subgraph_fetches_shared_total',
    help: 'Fetches answered by a request that an equal one had sent',
    labels: ['subgraph'],
  });
  const requests = metrics.counter({
    name: 'tributary_requests_total',
    help: 'GraphQL requests by HTTP status; 499 is a client that left before its answer',
    labels: ['status'],
  });
  const durations = metrics.histogram({
    name: 'tributary_request_duration_seconds',
    help: 'From the arrival of a GraphQL request to its answer',
  });
  const errors = metrics.counter({
    name: 'tributary_errors_total',
    help: 'Errors in answers by code and class',
    labels: ['code', 'class'],
  });
  metrics.gauge({ name: 'tributary_active_subscriptions', help: 'Subscriptions being served' }).set(0);

  return {
    text: () => metrics.text(),
    contentType: metrics.contentType,
    countSubgraphRequest: (subgraph) => subgraphRequests.inc({ subgraph }),
    countSharedFetch: (subgraph) => sharedFetches.inc({ subgraph }),
    declareSubgraph: (subgraph) => {
      subgraphRequests.inc({ subgraph }, 0);
      sharedFetches.inc({ subgraph }, 0);
    },
    observe: ({ status, codes, durationMs }) => {
      requests.inc({ status: String(status) });
      durations.observe(durationMs / 1000);
      for (const code of codes) errors.inc({ code, class: errorKind(code).class });
    },
  };
}
