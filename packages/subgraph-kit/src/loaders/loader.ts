import DataLoader from 'dataloader';

import { rootCause, toError } from '@tributary/errors';

import { DatabaseUnavailable } from '../database/database-errors.ts';

/**
 * Keys in, values out in the same order and number; a missing entity is `null`, an Error fails its key alone and a
 * thrown one fails them all.
 */
export type BatchFunction<K, V> = (keys: readonly K[]) => Promise<readonly (V | Error)[]>;

/** What tells two loads apart, for keys that are objects. */
export type CacheKeyOf<K> = (key: K) => string | number;

export interface LoaderOptions<K> {
  /** The name in metrics, logs and errors. */
  readonly name: string;
  /** Required for keys that are objects, which are never equal by themselves. @default the key itself */
  readonly cacheKeyOf?: CacheKeyOf<K>;
  /** Larger sets are split and the parts loaded at the same time. @default 100 */
  readonly maxBatchSize?: number;
  /** `false` sends each key alone and remembers nothing: what a server without loaders would do. @default true */
  readonly isBatching?: boolean;
  /** Aborted when the request is over: then no batch is loaded any more. @default it never is */
  readonly signal?: AbortSignal;
  /** Told before keys are loaded, known ones included. */
  readonly onLoad?: (keys: number) => void;
  /** Told after each batch. */
  readonly onBatch?: (batch: LoaderBatch) => void;
}

/** One call of a batch function. */
export interface LoaderBatch {
  readonly name: string;
  readonly size: number;
  readonly failedKeys: number;
  readonly durationMs: number;
}

/** Counts of one loader within its request. */
export interface LoaderStats {
  readonly name: string;
  readonly cacheSize: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly hitRatio: number;
  readonly batches: number;
  readonly batchErrors: number;
  readonly largestBatch: number;
}

/**
 * A DataLoader for one request: one batch per tick, at most `maxBatchSize` keys in each; what failed is forgotten so
 * that it can be asked again; everything counted.
 *
 * @example
 * const postById = new Loader({ name: 'postById' }, async (ids) =>
 *   inKeyOrder(ids, await posts.findByIds(ids), (post) => post.id));
 */
export class Loader<K, V> {
  readonly name: string;
  readonly #batch: BatchFunction<K, V>;
  readonly #options: LoaderOptions<K>;
  readonly #cache = new Map<string | number | K, Promise<V>>();
  #made: DataLoader<K, V, string | number | K> | undefined;
  #cacheHits = 0;
  #cacheMisses = 0;
  #batches = 0;
  #batchErrors = 0;
  #largestBatch = 0;

  constructor(options: LoaderOptions<K>, batch: BatchFunction<K, V>) {
    this.name = options.name;
    this.#options = options;
    this.#batch = batch;
  }

  /** A request has all loaders of its subgraph, and mostly uses one. */
  get #inner(): DataLoader<K, V, string | number | K> {
    return (this.#made ??= this.#make());
  }

  #make() {
    const { name, maxBatchSize = 100, isBatching = true } = this.#options;
    return new DataLoader<K, V, string | number | K>((keys) => this.#run(keys), {
      name,
      maxBatchSize: isBatching ? maxBatchSize : 1,
      cache: isBatching,
      cacheMap: this.#cache,
      cacheKeyFn: (key) => this.#cacheKeyOf(key),
    });
  }

  /** The value of one key; loads asked for in the same tick share one batch. */
  load(key: K): Promise<V> {
    const known = this.#beforeLoad(1);
    const value = this.#inner.load(key);
    this.#afterLoad(1, known);
    return value;
  }

  /** The values of several keys in their order; an Error stands where a key failed. */
  loadMany(keys: readonly K[]): Promise<(V | Error)[]> {
    const known = this.#beforeLoad(keys.length);
    const values = this.#inner.loadMany(keys);
    this.#afterLoad(keys.length, known);
    return values;
  }

  /** Puts in a value that another query happened to bring; one that is already known stays. */
  prime(key: K, value: V): this {
    if (this.#options.isBatching !== false) this.#inner.prime(key, value);
    return this;
  }

  /** Forgets one key, after it was changed. */
  clear(key: K): this {
    this.#made?.clear(key);
    return this;
  }

  /** Forgets everything, after a mutation or at the end of a request. */
  clearAll(): this {
    this.#made?.clearAll();
    return this;
  }

  stats(): LoaderStats {
    const asked = this.#cacheHits + this.#cacheMisses;
    return {
      name: this.name,
      cacheSize: this.#cache.size,
      cacheHits: this.#cacheHits,
      cacheMisses: this.#cacheMisses,
      hitRatio: asked === 0 ? 0 : this.#cacheHits / asked,
      batches: this.#batches,
      batchErrors: this.#batchErrors,
      largestBatch: this.#largestBatch,
    };
  }

  #beforeLoad(asked: number): number {
    this.#options.onLoad?.(asked);
    return this.#cache.size;
  }

  /** A load that adds nothing to the cache found its key there, or in the batch that is being collected. */
  #afterLoad(asked: number, known: number): void {
    const misses = this.#options.isBatching === false ? asked : this.#cache.size - known;
    this.#cacheMisses += misses;
    this.#cacheHits += asked - misses;
  }

  async #run(keys: readonly K[]): Promise<readonly (V | Error)[]> {
    const startedAt = performance.now();
    this.#batches += 1;
    this.#largestBatch = Math.max(this.#largestBatch, keys.length);
    const asked = keys.map((key) => this.#cache.get(this.#cacheKeyOf(key)));
    const values = await this.#valuesOrErrors(keys);
    const failedKeys = values.filter((value) => value instanceof Error).length;
    if (failedKeys > 0) this.#batchErrors += 1;
    this.#forgetFailed(keys, values, asked);
    this.#options.onBatch?.({
      name: this.name,
      size: keys.length,
      failedKeys,
      durationMs: performance.now() - startedAt,
    });
    return values;
  }

  /** A batch that fails as a whole fails each of its keys, with an error that says which they are. */
  async #valuesOrErrors(keys: readonly K[]): Promise<readonly (V | Error)[]> {
    try {
      this.#options.signal?.throwIfAborted();
      const values = await this.#batch(keys);
      const count = Array.isArray(values) ? values.length : `no list of`;
      if (count === keys.length) return values;
      throw new TypeError(`Loader "${this.name}" returned ${count} results for ${keys.length} keys`);
    } catch (thrown: unknown) {
      const error = loaderError(this.name, keys, thrown);
      return keys.map(() => error);
    }
  }

  /**
   * A failure must not be remembered for the rest of the request: the next load tries again. A key that was cleared
   * and asked anew in the meantime is another load, which this failure does not concern.
   */
  #forgetFailed(
    keys: readonly K[],
    values: readonly (V | Error)[],
    asked: readonly (Promise<V> | undefined)[],
  ): void {
    for (const [index, key] of keys.entries()) {
      const isStillAsked = this.#cache.get(this.#cacheKeyOf(key)) === asked[index];
      if (values[index] instanceof Error && isStillAsked) this.#inner.clear(key);
    }
  }

  #cacheKeyOf(key: K): string | number | K {
    return this.#options.cacheKeyOf?.(key) ?? key;
  }
}

/**
 * What a client and the log learn of a failed batch: a database that failed is a coded error with `failedKeys` and
 * `loaderError`; what was coded already, or is a mistake of ours, stays as it is.
 */
function loaderError(loader: string, keys: readonly unknown[], thrown: unknown): Error {
  const error = toError(thrown);
  const cause = rootCause(error);
  if (!(error instanceof DatabaseUnavailable) && !DatabaseUnavailable.isCause(cause)) return error;
  const failedKeys = keys.slice(0, 10).map((key) => (typeof key === 'string' ? key : JSON.stringify(key)));
  return DatabaseUnavailable.from(cause, { loader, loaderError: true, failedKeys });
}
