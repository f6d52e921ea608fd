import { toError } from '@tributary/errors';
import type { GraphQLFormattedError } from 'graphql';
import { Pool, type Dispatcher } from 'undici';

import type { RequestDebug } from '../debug/request-debug.ts';
import { SubgraphTimeout, SubgraphUnavailable } from '../errors/gateway-errors.ts';
import { readAnswer } from './read-answer.ts';

/** A subgraph, as the supergraph names it. */
export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

/** One fetch of a plan. */
export interface SubgraphRequest {
  /** The whole JSON text: `{"query":"…","variables":{…}}`. */
  readonly body: string;
  readonly operationType: 'query' | 'mutation';
  /** Whether the answer may depend on who asks; otherwise the subgraph is not told. */
  readonly carriesIdentity: boolean;
}

export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Record<string, unknown>;
}

/** What the fetches of one request share. */
export interface FetchContext {
  readonly requestId: string;
  readonly traceparent?: string | undefined;
  /** The value of `tributary-identity` for a subgraph, asked for by the fetches that carry identity. */
  readonly identityFor?: ((subgraph: string) => string | Promise<string>) | undefined;
  /** All of the caller that an answer may depend on: callers of one projection may share answers. `''` = anonymous. */
  readonly identityProjection: string;
  /** Headers of the client that go on to subgraphs; names in lower case. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ends the fetch when the client is gone or the request has taken too long. */
  readonly signal: AbortSignal;
  /** Present when a developer wants to see what was fetched. */
  readonly debug?: RequestDebug | undefined;
}

export interface SubgraphClientOptions {
  /** How long one fetch may take, the whole answer included. */
  readonly fetchTimeoutMs: number;
  /** Connections to one subgraph. @default 128 */
  readonly connections?: number;
  /** Told of every request that is sent. */
  readonly onRequest?: (subgraph: string) => void;
}

/**
 * The only way out: every request to a subgraph leaves through here, over connections that are kept.
 */
export class SubgraphClient {
  readonly #pools = new Map<string, Pool>();
  readonly #options: SubgraphClientOptions;

  constructor(options: SubgraphClientOptions) {
    this.#options = options;
  }

  /**
   * Sends one operation and reads the answer.
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

  async #fetch(
    subgraph: SubgraphAddress,
    request: SubgraphRequest,
    context: FetchContext,
  ): Promise<SubgraphAnswer> {
    // Before anything that is caught: what cannot be signed is no failure of the subgraph.
    const identity = request.carriesIdentity ? await context.identityFor?.(subgraph.name) : undefined;
    const deadline = startDeadline(context.signal, this.#options.fetchTimeoutMs);
    this.#options.onRequest?.(subgraph.name);
    try {
      const response = await this.#request(subgraph.url, {
        method: 'POST',
        headers: headersOf(context, identity),
        body: request.body,
        signal: deadline.signal,
      });
      return await readAnswer(subgraph.name, response);
    } catch (error: unknown) {
      throw this.#explain(error, subgraph.name, deadline);
    } finally {
      deadline.clear();
    }
  }

  /** Reads a page beside the subgraph's endpoint, such as its health; gives the status. */
  async probe(url: string, timeoutMs: number): Promise<number> {
    const { statusCode, body } = await this.#request(url, {
      method: 'GET',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await body.dump();
    return statusCode;
  }

  /** Closes the connections to subgraphs that are no longer in use, once their answers have arrived. */
  async keepOnly(subgraphs: readonly SubgraphAddress[]): Promise<void> {
    const origins = new Set(subgraphs.map(({ url }) => new URL(url).origin));
    const unused = [...this.#pools].filter(([origin]) => !origins.has(origin));
    for (const [origin] of unused) this.#pools.delete(origin);
    await Promise.all(unused.map(([, pool]) => pool.close()));
  }

  async stop(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #request(url: string, options: Omit<Dispatcher.RequestOptions, 'path'>): Promise<Dispatcher.ResponseData> {
    const { origin, pathname, search } = new URL(url);
    return this.#poolOf(origin).request({ ...options, path: pathname + search });
  }

  #poolOf(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known) return known;
    const pool = new Pool(origin, { connections: this.#options.connections ?? 128 });
    this.#pools.set(origin, pool);
    return pool;
  }

  #explain(error: unknown, subgraph: string, deadline: Deadline): Error {
    const cause = toError(error);
    if (deadline.hasPassed()) {
      return new SubgraphTimeout(subgraph, this.#options.fetchTimeoutMs).with({ cause });
    }
    if (deadline.signal.aborted) return toError(deadline.signal.reason);
    if (error instanceof SubgraphUnavailable) return error;
    return new SubgraphUnavailable(subgraph, 'could not be reached').with({ cause });
  }
}

/** The text to show a developer; nobody else pays for taking it out of the body. */
const queryOf = ({ body }: SubgraphRequest): string =>
  String((JSON.parse(body) as { query?: unknown }).query);

function headersOf(
  { requestId, traceparent, headers }: FetchContext,
  identity: string | undefined,
): Record<string, string> {
  return {
    ...headers,
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json;q=0.9',
    'x-request-id': requestId,
    ...(traceparent !== undefined && { traceparent }),
    ...(identity !== undefined && { 'tributary-identity': identity }),
  };
}

interface Deadline {
  readonly signal: AbortSignal;
  hasPassed(): boolean;
  clear(): void;
}

/** Ends with the request or after its own time, whichever is first, and tells which it was. */
function startDeadline(request: AbortSignal, timeoutMs: number): Deadline {
  const controller = new AbortController();
  let passed = false;
  const onRequestEnd = () => controller.abort(request.reason);
  const timer = setTimeout(() => {
    passed = true;
    controller.abort();
  }, timeoutMs);
  if (request.aborted) onRequestEnd();
  request.addEventListener('abort', onRequestEnd, { once: true });
  return {
    signal: controller.signal,
    hasPassed: () => passed,
    clear: () => {
      clearTimeout(timer);
      request.removeEventListener('abort', onRequestEnd);
    },
  };
}
