import { expect, it } from 'vitest';

import { createMetrics } from './create-metrics.ts';

it('gives counters, gauges and histograms as Prometheus text', async () => {
  const metrics = createMetrics({ service: 'posts', version: '1.2.3', withProcess: false });
  metrics
    .counter({ name: 'statements_total', help: 'Statements', labels: ['subgraph'] })
    .inc({ subgraph: 'posts' }, 2);
  metrics.gauge({ name: 'active', help: 'Active' }).set(3);
  metrics.histogram({ name: 'seconds', help: 'Seconds', buckets: [1, 2] }).observe(1.5);
  const text = await metrics.text();
  expect(text).toContain('statements_total{subgraph="posts"} 2');
  expect(text).toContain('active 3');
  expect(text).toContain('seconds_bucket{le="2"} 1');
  expect(text).toContain('tributary_build_info{service="posts",version="1.2.3"} 1');
  expect(metrics.contentType).toContain('text/plain');
});

it('watches the process, its event loop included', async () => {
  expect(await createMetrics({ service: 'posts' }).text()).toContain('nodejs_eventloop_lag_p99_seconds');
});

it('counts apart from every other registry', async () => {
  const [one, other] = [
    createMetrics({ service: 'a', withProcess: false }),
    createMetrics({ service: 'b', withProcess: false }),
  ];
  one.counter({ name: 'same_total', help: 'x' }).inc();
  other.counter({ name: 'same_total', help: 'x' });
  expect(await other.text()).toContain('same_total 0');
});
