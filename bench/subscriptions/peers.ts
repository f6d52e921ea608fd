import { fileURLToPath } from 'node:url';

import { createIdentityKey, createTokenIssuer } from '../support/client-tokens.ts';
import { hiveGateway } from '../support/hive-gateway.ts';
import { ownFlags } from '../support/own-flags.ts';
import type { PeerName } from './row.ts';

/** What a server of subscriptions is started with. */
export interface PeerSetup {
  readonly port: number;
  readonly supergraphFile: string;
  readonly usersUrl: string;
  readonly eventsUrl: string;
  readonly redisUrl: string;
}

/** What Node runs. */
export interface PeerCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Peer {
  readonly name: PeerName;
  /** Whether it reads what is written to the Redis of everybody else; ours follows a log. */
  readonly needsRedis: boolean;
  readonly command: (setup: PeerSetup) => PeerCommand;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const production = { NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1' };
const issuer = createTokenIssuer();
const everybody = '100000';

export const peers: Readonly<Record<PeerName, Peer>> = {
  tributary: {
    name: 'tributary',
    needsRedis: false,
    command: ({ port, supergraphFile, eventsUrl }) => ({
      args: [...ownFlags, here('../../gateway/src/main.ts')],
      env: {
        ...production,
        PORT: String(port),
        SUPERGRAPH: supergraphFile,
        EVENTS_URL: eventsUrl,
        // All clients come from one address.
        MAX_CONNECTIONS: everybody,
        MAX_CONNECTIONS_PER_IP: everybody,
        IDENTITY_PRIVATE_KEY: createIdentityKey(),
        JWT_ISSUER: issuer.issuer,
        JWT_AUDIENCE: issuer.audience,
      },
    }),
  },
  hive: {
    name: 'hive',
    needsRedis: true,
    command: ({ port, supergraphFile }) => ({
      args: [
        hiveGateway(),
        'supergraph',
        supergraphFile,
        '--host=127.0.0.1',
        `--port=${port}`,
        `--config-path=${here('servers/hive.config.js')}`,
      ],
      env: production,
    }),
  },
  'hand-made': {
    name: 'hand-made',
    needsRedis: true,
    command: ({ port, usersUrl, redisUrl }) => ({
      args: [here('servers/hand-made.ts'), String(port), usersUrl, redisUrl],
      env: production,
    }),
  },
  floor: {
    name: 'floor',
    needsRedis: true,
    command: ({ port, redisUrl }) => ({
      args: [here('servers/floor.ts'), String(port), redisUrl],
      env: production,
    }),
  },
};
