import { errorKind } from '@tributary/errors';
import { createMetrics, type Metrics, type PreparedCount, type PreparedCounter } from '@tributary/telemetry';

import { stageNames } from '../pipeline/stages.ts';
import type { ConnectionMetrics } from '../subscriptions/connections/connections.ts';
import type { SubscriptionObserver } from '../subscriptions/subscriptions.ts';
import type { RequestObserver } from './access-log.ts';
import { createConnectionMetrics } from './connection-metrics.ts';
import { createSubscriptionMetrics } from './subscription-metrics.ts';

/** What the gateway counts; the names are a contract (docs/operations.md). */
export interface GatewayMetrics extends Pick<Metrics, 'text' | 'contentType'> {
  readonly observe: RequestObserver;
  readonly countSubgraphRequest: (subgraph: string) => void;
  readonly countSharedFetch: (subgraph: string) => void;
  readonly countSubgraphRetry: (subgraph: string) => void;
  readonly showBreaker: (subgraph: string, isOpen: boolean) => void;
  readonly connections: ConnectionMetrics;
  readonly subscriptions: SubscriptionObserver;
  /** Lets a subgraph show up with 0 before its first request. */
  readonly declareSubgraph: (subgraph: string) => void;
}

// Half of a page, a page, a megabyte and more.
const sizeBuckets = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

// Most stages take microseconds.
const stageBuckets = [
  0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30,
];

export function createGatewayMetrics(version: string): GatewayMetrics {
  const metrics = createMetrics({ service: 'gateway', version });
  const subgraphRequests = byLabel(
    metrics.preparedCounter({
      name: 'tributary_subgraph_requests_total',
      help: 'Requests sent to each subgraph',
      labels: ['subgraph'],
    }),
  );
  const sharedFetches = byLabel(
    metrics.preparedCounter({
      name: 'tributary_subgraph_fetches_shared_total',
      help: 'Fetches answered by a request that an equal one had sent',
      labels: ['subgraph'],
    }),
  );
  const retries = byLabel(
    metrics.preparedCounter({
      name: 'tributary_subgraph_retries_total',
      help: 'Queries sent to a subgraph again, since nothing came of them',
      labels: ['subgraph'],
    }),
  );
  const breakers = metrics.gauge({
    name: 'tributary_subgraph_breaker_open',
    help: 'Whether a subgraph is held off, since it failed again and again',
    labels: ['subgraph'],
  });
  const requests = byLabel(
    metrics.preparedCounter({
      name: 'tributary_requests_total',
      help: 'GraphQL requests by HTTP status; 499 is a client that left before its answer',
      labels: ['status'],
    }),
  );
  const durations = metrics
    .preparedHistogram({
      name: 'tributary_request_duration_seconds',
      help: 'From the arrival of a GraphQL request to its answer',
    })
    .of();
  const sizes = metrics
    .preparedHistogram({
      name: 'tributary_response_bytes',
      help: 'Bodies of answers as they were sent, after compression',
      buckets: sizeBuckets,
    })
    .of();
  const stages = metrics.preparedHistogram({
    name: 'tributary_stage_duration_seconds',
    help: 'How long requests spent in each stage, waiting included',
    labels: ['stage'],
    buckets: stageBuckets,
  });
  const stageDurations = stageNames.map((name) => stages.of(name));
  const errors = metrics.counter({
    name: 'tributary_errors_total',
    help: 'Errors in answers by code and class',
    labels: ['code', 'class'],
  });

  return {
    text: () => metrics.text(),
    contentType: metrics.contentType,
    connections: createConnectionMetrics(metrics),
    subscriptions: createSubscriptionMetrics(metrics),
    countSubgraphRequest: (subgraph) => subgraphRequests(subgraph).inc(),
    countSharedFetch: (subgraph) => sharedFetches(subgraph).inc(),
    countSubgraphRetry: (subgraph) => retries(subgraph).inc(),
    showBreaker: (subgraph, isOpen) => breakers.set({ subgraph }, isOpen ? 1 : 0),
    declareSubgraph: (subgraph) => {
      subgraphRequests(subgraph);
      sharedFetches(subgraph);
      retries(subgraph);
      breakers.set({ subgraph }, 0);
    },
    observe: ({ status, codes, bytes, durationMs, stagesMs }) => {
      requests(status).inc();
      durations.observe(durationMs / 1000);
      sizes.observe(bytes);
      for (let index = 0; index < stagesMs.length; index += 1) {
        // A stage that a request did not come to took no time, and is not one of those that took little.
        const ms = stagesMs[index] ?? -1;
        if (ms >= 0) stageDurations[index]?.observe(ms / 1000);
      }
      for (const code of codes) errors.inc({ code, class: errorKind(code).class });
    },
  };
}

/** The counts of a counter with one label, each looked for once. */
function byLabel(counter: PreparedCounter): (label: string | number) => PreparedCount {
  const known = new Map<string | number, PreparedCount>();
  return (label) => {
    const found = known.get(label);
    if (found) return found;
    const made = counter.of(String(label));
    known.set(label, made);
    return made;
  };
}
