import type { Metric, MetricObjectWithValues, MetricValue, MetricValueWithName, Registry } from 'prom-client';

/** The values of the labels, in the order in which they were declared. */
export type LabelValues = readonly string[];

/** A counter for one set of labels. */
export interface PreparedCount {
  inc(by?: number): void;
}

/** A histogram for one set of labels. */
export interface PreparedObservation {
  observe(value: number): void;
}

export interface PreparedOptions {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** What a metric has to be for the registry to write it. */
type Values = Promise<
  Omit<MetricObjectWithValues<MetricValue<string>>, 'collect' | 'type'> & {
    readonly type: 'counter' | 'histogram';
  }
>;

/**
 * A counter whose labels are looked up once and not with every increment. Counting is an addition; text is made of it
 * when somebody reads it.
 *
 * @example
 * const ok = counter.of('200'); // once
 * ok.inc(); // with every request
 */
export class PreparedCounter {
  readonly #options: PreparedOptions;
  readonly #counts = new Map<string, Count>();

  constructor(options: PreparedOptions, registry: Registry) {
    this.#options = options;
    register(registry, { ...options, type: 'counter', get: () => this.#read() });
    if (options.labels.length === 0) this.of();
  }

  /** Shows up with 0 from here on. */
  of(...labels: LabelValues): PreparedCount {
    return findOrMake(this.#counts, labels, () => new Count(labels));
  }

  async #read(): Values {
    const { name, help, labels: names } = this.#options;
    const values = [...this.#counts.values()].map(({ labels, value }) => ({
      value,
      labels: named(names, labels),
    }));
    return { name, help, type: 'counter', aggregator: 'sum', values };
  }
}

class Count implements PreparedCount {
  readonly labels: LabelValues;
  value = 0;

  constructor(labels: LabelValues) {
    this.labels = labels;
  }

  inc(by = 1): void {
    this.value += by;
  }
}

/** A histogram whose labels are looked up once, see {@link PreparedCounter}. */
export class PreparedHistogram {
  readonly #options: PreparedOptions & { readonly buckets: readonly number[] };
  readonly #observations = new Map<string, Observations>();

  constructor(options: PreparedOptions & { readonly buckets: readonly number[] }, registry: Registry) {
    this.#options = options;
    register(registry, { ...options, type: 'histogram', get: () => this.#read() });
    if (options.labels.length === 0) this.of();
  }

  /** Shows up with 0 from here on. */
  of(...labels: LabelValues): PreparedObservation {
    return findOrMake(this.#observations, labels, () => new Observations(labels, this.#options.buckets));
  }

  async #read(): Values {
    const { name, help, labels: names } = this.#options;
    const values = [...this.#observations.values()].flatMap((each) =>
      each.values(name, named(names, each.labels)),
    );
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}

class Observations implements PreparedObservation {
  readonly labels: LabelValues;
  readonly #bounds: readonly number[];
  /** How many fell into each bucket, and above all of them. */
  readonly #counts: number[];
  #sum = 0;

  constructor(labels: LabelValues, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    // Most values are small, so this ends early; what is above all bounds is counted behind the last.
    while (index < bounds.length && value > (bounds[index] as number)) index += 1;
    (this.#counts[index] as number) += 1;
    this.#sum += value;
  }

  /** Buckets are cumulative in the text: each holds what is in those before it. */
  values(name: string, labels: Record<string, string>): MetricValueWithName<string>[] {
    let total = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, index) => ({
      metricName: `${name}_bucket`,
      value: (total += this.#counts[index] ?? 0),
      labels: { le, ...labels },
    }));
    return [
      ...buckets,
      { metricName: `${name}_sum`, value: this.#sum, labels },
      { metricName: `${name}_count`, value: total, labels },
    ];
  }
}

function findOrMake<Value>(known: Map<string, Value>, labels: LabelValues, make: () => Value): Value {
  const key = labels.join('\n');
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

const named = (names: readonly string[], values: LabelValues): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));

interface ReadableMetric extends PreparedOptions {
  readonly type: 'counter' | 'histogram';
  get(): Values;
}

/** The registry asks a metric for nothing but its name and its values. */
const register = (registry: Registry, metric: ReadableMetric): void =>
  registry.registerMetric(Object.assign(metric, { reset: () => {} }) as unknown as Metric);
