import type { Metrics } from '@tributary/telemetry';

import type { LoaderDefaults } from '../loaders/loader-registry.ts';
import type { LoaderBatch, LoaderStats } from '../loaders/loader.ts';

/** What a subgraph counts; the names are a contract (docs/operations.md). */
export interface SubgraphMetrics {
  onStatement(): void;
  onEventsSent(count: number): void;
  readonly onBatch: NonNullable<LoaderDefaults['onBatch']>;
  onRequestEnd(request: { readonly durationMs: number; readonly loaders: readonly LoaderStats[] }): void;
}

export function createSubgraphMetrics(subgraph: string, metrics: Metrics): SubgraphMetrics {
  const statements = metrics.counter({
    name: 'tributary_sql_statements_total',
    help: 'SQL statements sent to the database; begin and commit are not counted',
    labels: ['subgraph'],
  });
  const batches = metrics.counter({
    name: 'tributary_loader_batches_total',
    help: 'Calls of batch functions',
    labels: ['subgraph', 'loader'],
  });
  const batchSize = metrics.histogram({
    name: 'tributary_loader_batch_size',
    help: 'Keys in one call of a batch function',
    labels: ['subgraph', 'loader'],
    buckets: [1, 2, 5, 10, 20, 50, 100],
  });
  const failedKeys = metrics.counter({
    name: 'tributary_loader_failed_keys_total',
    help: 'Keys for which a batch function gave an error',
    labels: ['subgraph', 'loader'],
  });
  const hits = metrics.counter({
    name: 'tributary_loader_cache_hits_total',
    help: 'Loads answered by the cache or the batch of the request',
    labels: ['subgraph', 'loader'],
  });
  const misses = metrics.counter({
    name: 'tributary_loader_cache_misses_total',
    help: 'Loads that went to the batch function',
    labels: ['subgraph', 'loader'],
  });
  const duration = metrics.histogram({
    name: 'tributary_request_duration_seconds',
    help: 'From the end of the request body to the end of the answer',
    labels: ['subgraph'],
  });
  const events = metrics.counter({
    name: 'tributary_events_published_total',
    help: 'Events that the log has taken from the outbox',
    labels: ['subgraph'],
  });
  // Exists from the start: a counter that appears with its first count looks like a reset to whoever scrapes it.
  statements.inc({ subgraph }, 0);
  events.inc({ subgraph }, 0);
  return {
    onStatement: () => statements.inc({ subgraph }),
    onEventsSent: (count) => events.inc({ subgraph }, count),
    onBatch: ({ name: loader, size, failedKeys: failed }: LoaderBatch) => {
      batches.inc({ subgraph, loader });
      batchSize.observe({ subgraph, loader }, size);
      if (failed > 0) failedKeys.inc({ subgraph, loader }, failed);
    },
    onRequestEnd: ({ durationMs, loaders }) => {
      duration.observe({ subgraph }, durationMs / 1000);
      for (const { name: loader, cacheHits, cacheMisses } of loaders) {
        if (cacheHits > 0) hits.inc({ subgraph, loader }, cacheHits);
        if (cacheMisses > 0) misses.inc({ subgraph, loader }, cacheMisses);
      }
    },
  };
}
