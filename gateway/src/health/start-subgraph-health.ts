import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import type { SubgraphAddress, SubgraphClient } from '../subgraph-client/subgraph-client.ts';

/** What is known of a subgraph; `down` covers both "not there" and "says that it is not ready". */
export interface SubgraphState {
  /** `unknown` until it was asked for the first time. */
  readonly status: 'up' | 'down' | 'unknown';
  /** When the status last changed, ISO 8601. */
  readonly since?: string;
  /** Present while it is held off: it failed again and again, so requests to it fail at once. */
  readonly breaker?: 'open';
}

/** Knows which subgraphs answer. */
export interface SubgraphHealth {
  /** The state of each subgraph, no older than a second unless a subgraph is slow to say. */
  states(): Promise<Readonly<Record<string, SubgraphState>>>;
  stop(): Promise<void>;
}

export interface SubgraphHealthOptions {
  readonly subgraphs: () => readonly SubgraphAddress[];
  readonly client: Pick<SubgraphClient, 'probe' | 'isHeldOff'>;
  readonly logger: Logger;
  readonly intervalMs: number;
}

const freshMs = 1000;
const probeTimeoutMs = 2000;
// Whoever asks about the gateway must not wait for a subgraph that hangs: probes of orchestrators give up after a second.
const patienceMs = 500;

/**
 * Asks each subgraph for its `/health/ready`, again and again and when somebody wants to know. A change is logged;
 * nothing else depends on it: a request to a subgraph that is down fails on its own.
 */
export function startSubgraphHealth(options: SubgraphHealthOptions): SubgraphHealth {
  const known = new Map<string, SubgraphState>();
  let checkedAt = -Infinity;
  let checking: Promise<void> | undefined;

  const checkAll = async () => {
    const subgraphs = options.subgraphs();
    for (const name of known.keys())
      if (!subgraphs.some((subgraph) => subgraph.name === name)) known.delete(name);
    await Promise.all(subgraphs.map((subgraph) => checkOne(subgraph, known, options)));
    checkedAt = performance.now();
  };
  // Callers at the same time share one round.
  const check = () => (checking ??= checkAll().finally(() => (checking = undefined)));
  const timer = setInterval(() => void check(), options.intervalMs);
  void check();

  return {
    states: async () => {
      if (performance.now() - checkedAt > freshMs) await atMost(patienceMs, check());
      return Object.fromEntries(
        options.subgraphs().map((subgraph) => [
          subgraph.name,
          {
            ...(known.get(subgraph.name) ?? { status: 'unknown' }),
            ...(options.client.isHeldOff(subgraph) && { breaker: 'open' }),
          },
        ]),
      );
    },
    stop: async () => {
      clearInterval(timer);
      await checking;
    },
  };
}

async function checkOne(
  { name, url }: SubgraphAddress,
  known: Map<string, SubgraphState>,
  { client, logger }: SubgraphHealthOptions,
): Promise<void> {
  const { status, reason } = await probe(url, client);
  const before = known.get(name)?.status;
  if (status === before) return;
  known.set(name, { status, since: new Date().toISOString() });
  if (status === 'down') logger.warn({ subgraph: name, reason }, `subgraph "${name}" is down`);
  else logger.info({ subgraph: name }, `subgraph "${name}" is up`);
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

async function probe(url: string, client: Pick<SubgraphClient, 'probe'>) {
  try {
    const status = await client.probe(new URL('/health/ready', url).href, probeTimeoutMs);
    // A subgraph that was not built with the kit has no such page: that it answers is all there is to know.
    const isUp = status < 500;
    return isUp ? ({ status: 'up' } as const) : ({ status: 'down', reason: `answered ${status}` } as const);
  } catch (error: unknown) {
    return { status: 'down', reason: toError(error).message } as const;
  }
}
