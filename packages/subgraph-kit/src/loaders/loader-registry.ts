import {
  Loader,
  type BatchFunction,
  type LoaderBatch,
  type LoaderOptions,
  type LoaderStats,
} from './loader.ts';

/** What the loaders of one request share. */
export interface LoaderRequest {
  readonly signal?: AbortSignal;
  readonly onLoad?: (keys: number) => void;
}

/** What all loaders of a process have in common. */
export interface LoaderDefaults {
  /** @default 100 */
  readonly maxBatchSize?: number;
  /** @default true */
  readonly isBatching?: boolean;
  readonly onBatch?: (batch: LoaderBatch) => void;
}

/**
 * Makes and keeps the loaders of one request, so that a mutation can clear them all and a request can report on
 * them. Nothing of it outlives the request.
 */
export class LoaderRegistry {
  readonly #defaults: LoaderDefaults & LoaderRequest;
  readonly #loaders = new Map<string, { clearAll(): unknown; stats(): LoaderStats }>();

  constructor(defaults: LoaderDefaults = {}, request: LoaderRequest = {}) {
    this.#defaults = { ...defaults, ...request };
  }

  /**
   * Makes a loader under a name.
   *
   * @throws {TypeError} when the request already has a loader of that name
   */
  create<K, V>(options: LoaderOptions<K>, batch: BatchFunction<K, V>): Loader<K, V> {
    if (this.#loaders.has(options.name)) {
      throw new TypeError(`Expected each loader to have a name of its own, but "${options.name}" came twice`);
    }
    const loader = new Loader({ ...this.#defaults, ...options }, batch);
    this.#loaders.set(options.name, loader);
    return loader;
  }

  clearAll(): void {
    for (const loader of this.#loaders.values()) loader.clearAll();
  }

  stats(): LoaderStats[] {
    return [...this.#loaders.values()].map((loader) => loader.stats());
  }
}
