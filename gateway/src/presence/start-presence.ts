import { randomUUID } from 'node:crypto';

import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import type { IdentitySigner } from '../identity/create-identity-signer.ts';
import type { Principal } from '../identity/principal.ts';
import type { SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import type { RunningSupergraph } from '../supergraph/start-supergraph.ts';
import { presenceKeeperOf } from './presence-keeper-of.ts';

export interface PresenceOptions {
  /** The users who have connections open here. */
  readonly users: () => Iterable<string>;
  readonly supergraph: Pick<RunningSupergraph, 'current'>;
  readonly subgraphClient: Pick<SubgraphClient, 'fetch'>;
  readonly signIdentity: IdentitySigner;
  readonly logger: Logger;
  /** How long somebody counts as present without being told of again. @default 30 */
  readonly leaseSeconds?: number;
  /** How often it is looked who has come. @default 1000 */
  readonly lookMs?: number;
}

export interface RunningPresence {
  stop(): Promise<void>;
}

/** Whom the subgraph that keeps presence takes the gateway for; no token of a user has this scope. */
const gateway: Principal = Object.freeze({ roles: [], scopes: ['internal:presence'] });

const mutation = 'mutation($input:RenewPresenceInput!){renewPresence(input:$input){changed}}';
// What the mutation takes at most.
const usersPerRequest = 1000;
const fetchTimeoutMs = 5000;

/**
 * Tells the subgraph that keeps it who is present. Each gateway holds leases of its own: whoever has come is told at
 * once, whoever stays every third of a lease, and whoever is gone not any more. So a gateway that dies takes nobody
 * along who is connected elsewhere, and a client that only connects anew does not seem to leave.
 */
export function startPresence(options: PresenceOptions): RunningPresence {
  const { users, logger, leaseSeconds = 30, lookMs = 1000 } = options;
  const holder = randomUUID();
  const renewMs = (leaseSeconds * 1000) / 3;
  /** When each of them is to be told of again. */
  const dueAt = new Map<string, number>();
  let running: Promise<void> | undefined;

  const renew = async (userIds: readonly string[]) => {
    try {
      await sendLeases(options, { holder, userIds, leaseSeconds });
    } catch (error: unknown) {
      for (const id of userIds) dueAt.delete(id);
      logger.warn({ reason: toError(error).message }, 'nobody could be told who is present');
    }
  };

  const look = async () => {
    const present = new Set(users());
    for (const id of dueAt.keys()) if (!present.has(id)) dueAt.delete(id);
    const now = performance.now();
    const due = [...present].filter((id) => (dueAt.get(id) ?? 0) <= now);
    for (const id of due) dueAt.set(id, now + renewMs);
    for (let start = 0; start < due.length; start += usersPerRequest) {
      await renew(due.slice(start, start + usersPerRequest));
    }
  };

  const timer = setInterval(() => {
    running ??= look().finally(() => {
      running = undefined;
    });
  }, lookMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function sendLeases(
  { supergraph, subgraphClient, signIdentity }: PresenceOptions,
  input: { readonly holder: string; readonly userIds: readonly string[]; readonly leaseSeconds: number },
): Promise<void> {
  const { document, subgraphs } = supergraph.current().supergraph;
  const name = presenceKeeperOf(document);
  const keeper = subgraphs.find((subgraph) => subgraph.name === name);
  if (!keeper) return;
  const { errors } = await subgraphClient.fetch(
    keeper,
    {
      body: JSON.stringify({ query: mutation, variables: { input } }),
      operationType: 'mutation',
      carriesIdentity: true,
    },
    {
      requestId: randomUUID(),
      identityFor: (subgraph) => signIdentity(gateway, subgraph),
      identityProjection: '',
      signal: AbortSignal.timeout(fetchTimeoutMs),
    },
  );
  if (errors?.[0]) throw new Error(errors[0].message);
}
