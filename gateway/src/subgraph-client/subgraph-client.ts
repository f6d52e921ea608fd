import { toError } from '@tributary/errors';

import { SubgraphUnavailable } from '../errors/gateway-errors.ts';
import type { BreakerOptions } from './breaker.ts';
import { Breakers, type OnBreaker } from './breakers.ts';
import { ConnectionPools, type ConnectionOptions } from './connection-pools.ts';
import { Flight, type FlightOptions } from './flight.ts';
import type { Outcome } from './outage.ts';
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
  /** How often a query is sent again of which nothing came: refused, broken off, 502 to 504 without an answer. @default 1 */
  readonly retries?: number;
  /** When a subgraph that fails is held off. @default after 10 failures in a row within a minute, for a second */
  readonly breaker?: BreakerOptions;
  /** Told of every request that is sent. */
  readonly onRequest?: (subgraph: string) => void;
  /** Told of every fetch that needed no request of its own. */
  readonly onShared?: (subgraph: string) => void;
  /** Told of every query that is sent again, besides `onRequest`. */
  readonly onRetry?: (subgraph: string) => void;
  /** Told when a subgraph is held off, and when it no longer is. */
  readonly onBreaker?: OnBreaker;
}

const defaultBreaker: BreakerOptions = { failures: 10, windowMs: 60_000, openMs: 1000 };

/**
 * The only way out: every request to a subgraph leaves through here, over connections that are kept. Equal queries that
 * are in the air at the same time are one request (docs/decisions/0017); what fails is tried again, and a subgraph that
 * goes on failing is left alone for a while (docs/decisions/0027).
 */
export class SubgraphClient {
  readonly #options: SubgraphClientOptions;
  readonly #pools: ConnectionPools;
  readonly #shared = new SharedFlights();
  readonly #breakers: Breakers;
  readonly #acceptEncoding: string;
  readonly #flightOptions: FlightOptions;

  constructor(options: SubgraphClientOptions) {
    this.#options = options;
    this.#pools = new ConnectionPools({ connectTimeoutMs: options.fetchTimeoutMs, ...options });
    this.#breakers = new Breakers(options.breaker ?? defaultBreaker, options.onBreaker);
    this.#acceptEncoding = options.compression?.join(', ') ?? '';
    this.#flightOptions = {
      timeoutMs: options.fetchTimeoutMs,
      maxBytes: options.maxResponseBytes ?? 32 * 1024 * 1024,
      retries: options.retries ?? 1,
      onRetry: (flight) => this.#onRetry(flight),
      onEnd: (flight, outcome) => this.#onEnd(flight, outcome),
    };
  }

  /**
   * Sends one operation and reads the answer, an object that belongs to the caller.
   *
   * @throws {SubgraphTimeout} when the answer is not there in time
   * @throws {SubgraphUnavailable} when there is no connection, what came is not an answer, or the subgraph is held off
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

  /** Whether fetches to a subgraph fail at once, since it has failed again and again. */
  isHeldOff(subgraph: SubgraphAddress): boolean {
    return this.#breakers.isOpen(subgraph);
  }

  /** Closes the connections to subgraphs that are no longer in use, once their answers have arrived. */
  keepOnly(subgraphs: readonly SubgraphAddress[]): Promise<void> {
    this.#breakers.keepOnly(subgraphs);
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
    const flight = new Flight(subgraph, operationType, key, this.#flightOptions);
    if (this.#breakers.hasAny && !this.#admits(flight, context))
      return Promise.reject(this.#heldOff(subgraph));
    if (key) this.#shared.add(key, flight);
    this.#options.onRequest?.(subgraph.name);
    // Before the request leaves: it may fail at once.
    const answer = flight.join(context.signal);
    const { pool, path } = this.#pools.routeOf(subgraph.url);
    const headers = requestHeaders(context, identity, this.#acceptEncoding);
    flight.send(pool, { method: 'POST', path, headers, body });
    return answer;
  }

  /** Nobody asks for an event again, and whoever waits for one is patient: it is asked for in any case. */
  #admits(flight: Flight, { occasion }: FetchContext): boolean {
    return occasion !== undefined || this.#breakers.admits(flight);
  }

  #heldOff(subgraph: SubgraphAddress): Error {
    const retryAfter = Math.max(1, Math.ceil(this.#breakers.waitMs(subgraph) / 1000));
    const problem = `has failed again and again, and is asked again in ${retryAfter} s`;
    return new SubgraphUnavailable(subgraph.name, problem).with({ extensions: { retryAfter } });
  }

  #onRetry({ subgraph }: Flight): boolean {
    if (this.#breakers.isOpen(subgraph)) return false;
    this.#options.onRetry?.(subgraph.name);
    this.#options.onRequest?.(subgraph.name);
    return true;
  }

  #onEnd(flight: Flight, outcome: Outcome): void {
    if (outcome !== 'answered' || this.#breakers.hasAny) this.#breakers.record(flight, outcome);
    // What is read from now on may have been changed by it, whether it went well or not.
    if (flight.operationType === 'mutation') this.#shared.clear();
    else if (flight.key) this.#shared.delete(flight.key, flight);
  }
}

/** The text to show a developer; nobody else pays for taking it out of the body. */
const queryOf = ({ body }: SubgraphRequest): string =>
  String((JSON.parse(body) as { query?: unknown }).query);
