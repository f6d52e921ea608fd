import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { PreparedCounter, PreparedHistogram } from './prepared-metrics.ts';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** What every metric is made of; `labels` are fixed, so that a misspelt one is a compile error. */
export interface MetricOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  /** @default none */
  readonly labels?: readonly Label[];
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds. @default {@link durationBuckets}, in seconds */
  readonly buckets?: readonly number[];
}

/** From a request answered out of a cache to one that ends at its deadline, in seconds. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface Metrics {
  readonly registry: Registry;
  counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label>;
  gauge<Label extends string = never>(options: MetricOptions<Label>): Gauge<Label>;
  histogram<Label extends string = never>(options: HistogramOptions<Label>): Histogram<Label>;
  /** For what is counted with every request: its labels are looked up once. */
  preparedCounter(options: MetricOptions<string>): PreparedCounter;
  /** For what is observed with every request: its labels are looked up once. */
  preparedHistogram(options: HistogramOptions<string>): PreparedHistogram;
  /** Everything in Prometheus's text format, for `/metrics`. */
  text(): Promise<string>;
  /** The media type of {@link text}. */
  readonly contentType: string;
}

export interface MetricsOptions {
  /** The process, as `tributary_build_info` names it: `gateway`, `posts`. */
  readonly service: string;
  /** @default '0.0.0' */
  readonly version?: string;
  /** Adds CPU, memory, garbage collection and event-loop lag of the process. @default true */
  readonly withProcess?: boolean;
}

/**
 * A registry of its own for each server, so that two in one process (as tests have them) do not count together.
 *
 * @example
 * const metrics = createMetrics({ service: 'gateway' });
 * const requests = metrics.counter({ name: 'tributary_requests_total', help: 'Requests', labels: ['status'] });
 * requests.inc({ status: '200' });
 * await metrics.text(); // '# HELP tributary_requests_total Requests …'
 */
export function createMetrics({ service, version = '0.0.0', withProcess = true }: MetricsOptions): Metrics {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const metrics: Metrics = {
    registry,
    counter: (options) => new Counter(configure(options, registry)),
    gauge: (options) => new Gauge(configure(options, registry)),
    histogram: (options) =>
      new Histogram({
        ...configure(options, registry),
        buckets: [...(options.buckets ?? durationBuckets)],
      }),
    preparedCounter: ({ labels = [], ...options }) => new PreparedCounter({ ...options, labels }, registry),
    preparedHistogram: ({ labels = [], buckets = durationBuckets, ...options }) =>
      new PreparedHistogram({ ...options, labels, buckets }, registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
  metrics
    .gauge({ name: 'tributary_build_info', help: 'What runs here; always 1', labels: ['service', 'version'] })
    .set({ service, version }, 1);
  return metrics;
}

const configure = <Label extends string>(
  { name, help, labels = [] }: MetricOptions<Label>,
  registry: Registry,
) => ({
  name,
  help,
  labelNames: [...labels],
  registers: [registry],
});
