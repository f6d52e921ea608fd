import { Pool } from 'undici';

export interface TlsOptions {
  /** Whom to trust, in PEM, instead of the authorities that everybody trusts. */
  readonly ca?: string | undefined;
  /** The certificate to show, in PEM, with its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface ConnectionOptions {
  /** Connections to one subgraph. @default 128 */
  readonly connections?: number;
  /** How long an idle connection is kept where the subgraph does not say. @default 4000 */
  readonly keepAliveMs?: number;
  /** @default 10000 */
  readonly connectTimeoutMs?: number;
  readonly tls?: TlsOptions | undefined;
}

/** Where the requests for one URL go. */
export interface Route {
  readonly origin: string;
  readonly path: string;
  readonly pool: Pool;
}

/** The kept connections to each origin. */
export class ConnectionPools {
  readonly #options: ConnectionOptions;
  readonly #pools = new Map<string, Pool>();
  readonly #routes = new Map<string, Route>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  routeOf(url: string): Route {
    const known = this.#routes.get(url);
    if (known) return known;
    const { origin, pathname, search } = new URL(url);
    const route = { origin, path: pathname + search, pool: this.#poolOf(origin) };
    this.#routes.set(url, route);
    return route;
  }

  /** Closes the connections to any other URL, once the answers on their way have arrived. */
  async keepOnly(urls: readonly string[]): Promise<void> {
    const origins = new Set(urls.map((url) => new URL(url).origin));
    const unused = [...this.#pools].filter(([origin]) => !origins.has(origin));
    for (const [origin] of unused) this.#pools.delete(origin);
    for (const [url, { origin }] of this.#routes) if (!origins.has(origin)) this.#routes.delete(url);
    await Promise.all(unused.map(([, pool]) => pool.close()));
  }

  async stop(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    this.#routes.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #poolOf(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known) return known;
    const { connections = 128, keepAliveMs = 4000, connectTimeoutMs = 10_000, tls } = this.#options;
    const pool = new Pool(origin, {
      connections,
      keepAliveTimeout: keepAliveMs,
      // One request at a time on a connection: a slow answer must not stand before others.
      pipelining: 1,
      allowH2: false,
      // A fetch has one deadline of its own for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { ...tls, timeout: connectTimeoutMs },
    });
    this.#pools.set(origin, pool);
    return pool;
  }
}
