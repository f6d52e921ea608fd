import { expect, it } from 'vitest';

import { createMetrics } from './create-metrics.ts';

it('writes what was counted as a counter of the registry would', async () => {
  const [prepared, usual] = [createMetrics(quiet), createMetrics(quiet)];
  const options = { name: 'answers_total', help: 'Answers', labels: ['status', 'place'] };
  const counter = prepared.preparedCounter(options);
  counter.of('200', 'here').inc();
  counter.of('200', 'here').inc(2);
  counter.of('404', 'a "b"').inc(0);
  const other = usual.counter(options);
  other.inc({ status: '200', place: 'here' }, 3);
  other.inc({ status: '404', place: 'a "b"' }, 0);
  expect(await prepared.text()).toBe(await usual.text());
});

it('writes what was observed as a histogram of the registry would', async () => {
  const [prepared, usual] = [createMetrics(quiet), createMetrics(quiet)];
  const options = { name: 'seconds', help: 'Seconds', labels: ['stage'], buckets: [0.5, 1, 2] };
  const histogram = prepared.preparedHistogram(options);
  const other = usual.histogram(options);
  for (const value of [0, 0.25, 0.5, 0.75, 2, 4]) {
    histogram.of('plan').observe(value);
    other.observe({ stage: 'plan' }, value);
  }
  expect(await prepared.text()).toBe(await usual.text());
});

it('shows those without labels from the beginning', async () => {
  const metrics = createMetrics(quiet);
  metrics.preparedCounter({ name: 'none_total', help: 'x' });
  metrics.preparedHistogram({ name: 'nothing', help: 'x', buckets: [1] });
  expect(await metrics.text()).toContain('none_total 0');
  expect(await metrics.text()).toContain('nothing_bucket{le="+Inf"} 0');
});

const quiet = { service: 'test', withProcess: false };
