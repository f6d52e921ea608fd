import { toError } from '@tributary/errors';

import { ConnectionPools, type ConnectionOptions } from './connection-pools.ts';
import { Flight, type FlightOptions } from './flight.ts';
import { headersKey, requestHeaders } from './request-headers.ts';
import { SharedFlights, type FlightKey } from './shared-flights.ts';
import type { FetchContext, SubgraphAddress, SubgraphAnswer, SubgraphRequest } from './subgraph-request.ts';

export type { FetchContext, SubgraphAddress, SubgraphAnswer, SubgraphRequest } from './subgraph-request.ts';

export interface SubgraphClientOptions extends ConnectionOptions {
  /** How long one fetch may take, the whole answer included. */
  readonly fetchTimeoutMs: number;
  /** The most that an answer may have, before and after decompression. @default 32 MiB */
  readonly maxResponseBytes?: number;
  /** Encodings that answers are asked for in, the best first. @default none */
  readonly compression?: readonly string[];
  /** Lets equal queries at the same time share one request. @default true */
  readonly sharing?: boolean;
  /** Told of every request that is sent. */
  readonly onRequest?: (subgraph: string) => void;
  /** Told of every fetch that needed no request of its own. */
  readonly onShared?: (subgraph: string) => void;
}

/**
 * The only way out: every request to a subgraph leaves through here, over connections that are kept. Equal queries that
 * are in the air at the same time are one request (docs/decisions/0017).
 */
export class SubgraphClient {
  readonly #options: SubgraphClientOptions;
  readonly #pools: ConnectionPools;
  readonly #shared = new SharedFlights();
  readonly #acceptEncoding: string;
  readonly #flightOptions: FlightOptions;

  constructor(options: SubgraphClientOptions) {
    this.#options = options;
    this.#pools = new ConnectionPools({ connectTimeoutMs: options.fetchTimeoutMs, ...options });
    this.#acceptEncoding = options.compression?.join(', ') ?? '';
    this.#flightOptions = {
      timeoutMs: options.fetchTimeoutMs,
      maxBytes: options.maxResponseBytes ?? 32 * 1024 * 1024,
      onEnd: (flight) => this.#onEnd(flight),
    };
  }

  /**
   * Sends one operation and reads the answer, an object that belongs to the caller.
   *
   * @throws {SubgraphTimeout} when the answer is not there in time
   * @throws {SubgraphUnavailable} when there is no connection, or what came is not an answer
   * @throws the signal's reason when it ended the fetch
   */
  fetch(subgraph: SubgraphAddress, request: SubgraphRequest, context: FetchContext): Promise<SubgraphAnswer> {
    const { debug } = context;
    if (!debug) return this.#fetch(subgraph, request, context);
    return debug.recordFetch(subgraph.name, queryOf(request), () => this.#fetch(subgraph, request, context));
  }

  /** Reads a page beside the subgraph's endpoint, such as its health; gives the status. */
  async probe(url: string, timeoutMs: number): Promise<number> {
    const { pool, path } = this.#pools.routeOf(url);
    const signal = AbortSignal.timeout(timeoutMs);
    const { statusCode, body } = await pool.request({ method: 'GET', path, signal });
    await body.dump();
    return statusCode;
  }

  /** Closes the connections to subgraphs that are no longer in use, once their answers have arrived. */
  keepOnly(subgraphs: readonly SubgraphAddress[]): Promise<void> {
    return this.#pools.keepOnly(subgraphs.map(({ url }) => url));
  }

  stop(): Promise<void> {
    this.#shared.clear();
    return this.#pools.stop();
  }

  // Not async: on the usual way, with an identity that is signed already, there is one promise and nobody awaits.
  #fetch(
    subgraph: SubgraphAddress,
    request: SubgraphRequest,
    context: FetchContext,
  ): Promise<SubgraphAnswer> {
    if (!request.carriesIdentity) return this.#share(subgraph, request, context, undefined);
    try {
      const identity = context.identityFor?.(subgraph.name);
      if (typeof identity !== 'object') return this.#share(subgraph, request, context, identity);
      return identity.then((signed) => this.#share(subgraph, request, context, signed));
    } catch (error: unknown) {
      return Promise.reject(toError(error));
    }
  }

  #share(
    subgraph: SubgraphAddress,
    request: SubgraphRequest,
    context: FetchContext,
    identity: string | undefined,
  ): Promise<SubgraphAnswer> {
    const { signal } = context;
    if (signal.aborted) return Promise.reject(toError(signal.reason));
    const isShared = this.#options.sharing !== false && request.operationType === 'query';
    if (!isShared) return this.#send(subgraph, request, context, identity, undefined);
    const key: FlightKey = {
      subgraph,
      body: request.body,
      // Not the same as no identity: a subgraph may refuse to answer who does not say who asks.
      identity: request.carriesIdentity ? `as ${context.identityProjection}` : '',
      headers: headersKey(context),
    };
    const flight = this.#findFresh(key);
    if (!flight) return this.#send(subgraph, request, context, identity, key);
    this.#options.onShared?.(subgraph.name);
    return flight.join(signal);
  }

  /** A request that hangs is not joined for ever: after its time, the next caller tries anew. */
  #findFresh(key: FlightKey): Flight | undefined {
    const flight = this.#shared.find(key);
    const isFresh = flight && performance.now() - flight.startedAtMs < this.#options.fetchTimeoutMs;
    return isFresh ? flight : undefined;
  }

  #send(
    subgraph: SubgraphAddress,
    { body, operationType }: SubgraphRequest,
    context: FetchContext,
    identity: string | undefined,
    key: FlightKey | undefined,
  ): Promise<SubgraphAnswer> {
    const flight = new Flight(subgraph.name, operationType, key, this.#flightOptions);
    if (key) this.#shared.add(key, flight);
    this.#options.onRequest?.(subgraph.name);
    // Before the request leaves: it may fail at once.
    const answer = flight.join(context.signal);
    const { pool, path } = this.#pools.routeOf(subgraph.url);
    const headers = requestHeaders(context, identity, this.#acceptEncoding);
    pool.dispatch({ method: 'POST', path, headers, body }, flight);
    return answer;
  }

  #onEnd(flight: Flight): void {
    // What is read from now on may have been changed by it, whether it went well or not.
    if (flight.operationType === 'mutation') this.#shared.clear();
    else if (flight.key) this.#shared.delete(flight.key, flight);
  }
}

/** The text to show a developer; nobody else pays for taking it out of the body. */
const queryOf = ({ body }: SubgraphRequest): string =>
  String((JSON.parse(body) as { query?: unknown }).query);
