import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { ErrorTracker } from '@tributary/errors';
import {
  createMemoryEventLog,
  partitionOf,
  type Audience,
  type EntityReference,
  type EventLog,
  type JsonObject,
} from '@tributary/event-log';
import { createLogger } from '@tributary/telemetry';
import type { MemorySupergraph } from '@tributary/testkit';

import type { EvaluatePolicies } from '../../gateway/src/authorization/create-authorizer.ts';
import type { ClientInfo } from '../../gateway/src/http/client-info.ts';
import { createErrorLog } from '../../gateway/src/errors/log-errors.ts';
import { createIdentitySigner } from '../../gateway/src/identity/create-identity-signer.ts';
import { anonymous, type Principal } from '../../gateway/src/identity/principal.ts';
import type { ObservedRequest } from '../../gateway/src/observers/access-log.ts';
import { defaultDocumentLimits } from '../../gateway/src/operations/limit-document.ts';
import { SubgraphClient } from '../../gateway/src/subgraph-client/subgraph-client.ts';
import type { SubscriptionHandle } from '../../gateway/src/subscriptions/operation-request.ts';
import {
  startSubscriptions,
  type StartSubscriptionsOptions,
} from '../../gateway/src/subscriptions/start-subscriptions.ts';
import type { SharedResult, SubscriberSink } from '../../gateway/src/subscriptions/subscriber-sink.ts';
import { Upstreams } from '../../gateway/src/subscriptions/upstreams.ts';
import { startSupergraph } from '../../gateway/src/supergraph/start-supergraph.ts';
import { createSupergraphSource } from '../../gateway/src/supergraph/supergraph-source.ts';
import { loadInProcess } from './engine-oracle/load-in-process.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const signIdentity = createIdentitySigner({
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});

/** A subscriber of a test: what it was told, and a way to wait for it. */
export class TestSink implements SubscriberSink {
  readonly results: SharedResult[] = [];
  errors: readonly { readonly code: string; readonly formatted: { readonly message: string } }[] | undefined;
  isEnded = false;
  /** Whether it takes another result after the one that it is given. */
  isReading = true;
  #waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];

  next(result: SharedResult): boolean {
    this.results.push(result);
    this.#wake();
    return this.isReading;
  }

  end(): void {
    this.isEnded = true;
    this.#wake();
  }

  error(errors: NonNullable<TestSink['errors']>): void {
    this.errors = errors;
    this.#wake();
  }

  get isOver(): boolean {
    return this.isEnded || this.errors !== undefined;
  }

  get codes(): readonly string[] | undefined {
    return this.errors?.map(({ code }) => code);
  }

  /** What it got, as JSON. */
  get answers(): readonly TestAnswer[] {
    return this.results.map(({ bytes }) => JSON.parse(bytes.toString()) as TestAnswer);
  }

  get data(): readonly unknown[] {
    return this.answers.map((answer) => answer.data);
  }

  /** Resolves when it has so many results. */
  async gets(count: number): Promise<void> {
    await this.#until(() => this.results.length >= count || this.isOver);
    if (this.results.length < count) throw new Error(`Expected ${count} results, but got ${this.describe()}`);
  }

  async isOverSoon(): Promise<void> {
    await this.#until(() => this.isOver);
  }

  describe(): string {
    return JSON.stringify({ results: this.data, isEnded: this.isEnded, errors: this.errors });
  }

  async #until(isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ isMet, resolve });
    await promise;
  }

  #wake(): void {
    const met = this.#waiting.filter(({ isMet }) => isMet());
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const { resolve } of met) resolve();
  }
}

export interface TestAnswer {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: {
    readonly event: { readonly cursor: string; readonly dropped?: number; readonly opened?: boolean };
  };
}

export interface TestEvent {
  readonly type?: string;
  readonly source?: string;
  readonly audience?: Audience;
  readonly data?: JsonObject;
  /** @default now */
  readonly occurredAt?: string;
}

export interface SubscribeOptions {
  readonly variables?: Record<string, unknown>;
  readonly principal?: Principal;
  readonly resume?: { readonly after?: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly sink?: SubscriberSink;
  readonly signal?: AbortSignal;
  /** Those of one connection have the same. @default one of its own */
  readonly client?: ClientInfo;
}

/** A caller with a token. */
export const caller = (sub: string, rest: Partial<Principal> = {}): Principal => ({
  sub,
  roles: ['USER'],
  scopes: [],
  expiresAt: Math.floor(Date.now() / 1000) + 3600,
  ...rest,
});

export interface TestSubscriptionsOptions {
  readonly eventLog?: EventLog;
  readonly evaluatePolicies?: EvaluatePolicies;
  /** How often a broken socket to a subgraph is made anew. @default 0 */
  readonly upstreamRetries?: number;
}

/** Subscriptions over a supergraph and an event log in this process. */
export async function startTestSubscriptions(
  memory: Pick<MemorySupergraph, 'file'>,
  options: Partial<StartSubscriptionsOptions> & TestSubscriptionsOptions = {},
) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const log = options.eventLog ?? createMemoryEventLog();
  const subgraphClient = new SubgraphClient({ fetchTimeoutMs: 5000, retries: 0 });
  const supergraph = await startSupergraph({
    source: createSupergraphSource(memory.file),
    loadEngine: loadInProcess,
    parts: { subgraphClient, logger },
    logger,
    introspection: true,
    documentLimits: defaultDocumentLimits,
    subgraphUrls: {},
    authorization: { evaluatePolicies: options.evaluatePolicies },
    watches: false,
  });
  const upstreams = new Upstreams({ signIdentity, retries: options.upstreamRetries ?? 0 });
  const counts = { opened: 0, closed: 0, events: 0, answered: 0, delivered: 0, dropped: 0 };
  const observed: ObservedRequest[] = [];
  const subscriptions = startSubscriptions({
    supergraph,
    log,
    upstream: upstreams.subscribe,
    signIdentity,
    verifyToken: () => anonymous,
    logger,
    delivery: { maxQueueBytes: 65_536, whenSlow: 'drop' },
    observers: [(each) => void observed.push(each)],
    observer: {
      onOpened: () => (counts.opened += 1),
      onClosed: () => (counts.closed += 1),
      onEvent: () => (counts.events += 1),
      onAnswered: () => (counts.answered += 1),
      onDelivered: (count) => (counts.delivered += count),
      onDropped: (count) => (counts.dropped += count),
    },
    requestTimeoutMs: 10_000,
    retryDelaysMs: [],
    isDevelopment: true,
    logErrors: createErrorLog(logger),
    errorTracker: new ErrorTracker(),
    ...options,
  });
  const ends = new Map<string, number>();

  const subscribe = async (query: string, given: SubscribeOptions = {}) => {
    const sink = new TestSink();
    const handle: SubscriptionHandle = await subscriptions.runOperation(
      {
        params: {
          query,
          variables: given.variables,
          ...(given.resume && { extensions: { resume: given.resume } }),
        },
        caller: { principal: given.principal ?? anonymous },
        forwardedHeaders: given.headers,
        requestId: randomUUID(),
        traceparent: undefined,
        signal: given.signal ?? new AbortController().signal,
        client: given.client ?? { ip: undefined, name: undefined, version: undefined, userAgent: undefined },
      },
      given.sink ?? sink,
    );
    return { sink, handle };
  };

  /** Appends an event, as a relay would. */
  const publish = async (channel: string, entity: EntityReference, event: TestEvent = {}) => {
    const source = event.source ?? 'comments';
    const partition = partitionOf(source, entity);
    const seq = (ends.get(partition) ?? 0) + 1;
    ends.set(partition, seq);
    const id = randomUUID();
    await log.append(
      { partition, seq },
      { id, channel, type: 'Test', occurredAt: new Date().toISOString(), source, entity, ...event },
    );
    return id;
  };

  return {
    log,
    lines,
    counts,
    observed,
    supergraph,
    subscriptions,
    upstreams,
    subscribe,
    publish,
    /** Takes up another supergraph, groups included. */
    swap: async (sdl: string) => {
      await writeFile(memory.file, sdl);
      await supergraph.reload();
      await subscriptions.settled();
    },
    stop: async () => {
      await subscriptions.stop();
      await upstreams.stop();
      await supergraph.stop();
      await subgraphClient.stop();
      await log.stop();
    },
  };
}

export type TestSubscriptions = Awaited<ReturnType<typeof startTestSubscriptions>>;
