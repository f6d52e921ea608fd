import { expect, it } from 'vitest';

import { Histogram } from './histogram.ts';

it('gives percentiles to a tenth of a millisecond', () => {
  const histogram = new Histogram();
  for (let ms = 1; ms <= 100; ms += 1) histogram.add(ms - 0.05);
  expect(histogram.percentile(0.5)).toBe(50);
  expect(histogram.percentile(0.99)).toBe(99);
});

it('keeps what took longer than anything should', () => {
  const histogram = new Histogram();
  histogram.add(10_000_000);
  expect(histogram.percentile(0.5)).toBe(60_000);
  histogram.clear();
  expect(histogram.percentile(0.5)).toBe(0);
});
