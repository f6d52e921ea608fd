import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { createIdentityKey, type TokenIssuer } from '../support/client-tokens.ts';
import { hiveGateway } from '../support/hive-gateway.ts';
import { ownFlags } from '../support/own-flags.ts';
import type { Load } from './load.ts';

export const peerNames = [
  'tributary',
  'tributary-apollo-server',
  'stock',
  'stock-undici',
  'hive',
  'hive-rust',
  'floor',
] as const;
export type PeerName = (typeof peerNames)[number];

/** What a gateway is started with. */
export interface PeerSetup {
  readonly load: Load;
  readonly supergraphFile: string;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly jwksUrl: string;
  readonly tokens: TokenIssuer;
  readonly port: number;
  readonly sharing: boolean;
  /** Whether subgraphs have to be told who asks. */
  readonly forwardsIdentity: boolean;
}

/** What Node runs. */
export interface PeerCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A gateway to compare, in production mode and with the flags that it ships with. */
export interface Peer {
  readonly name: PeerName;
  /** Whether it can send equal requests once. */
  readonly canShare: boolean;
  /** Why it cannot be measured here. */
  missing?(): string | undefined;
  command(setup: PeerSetup): PeerCommand;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ownApolloServer = here('servers/tributary-apollo-server.ts');
const production = { NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1' };

const stock = (name: PeerName, transport: 'default' | 'undici'): Peer => ({
  name,
  canShare: false,
  command: ({ supergraphFile, port, forwardsIdentity }) => ({
    args: [here('servers/stock.ts'), supergraphFile, String(port)],
    env: { ...production, TRANSPORT: transport, FORWARDS_IDENTITY: String(forwardsIdentity) },
  }),
});

const hive = (name: PeerName, ...options: readonly string[]): Peer => ({
  name,
  canShare: true,
  command: ({ supergraphFile, port, sharing, forwardsIdentity }) => ({
    args: [
      hiveGateway(),
      'supergraph',
      supergraphFile,
      '--host=127.0.0.1',
      `--port=${port}`,
      `--config-path=${here('servers/hive.config.js')}`,
      ...options,
    ],
    env: { ...production, SHARING: String(sharing), FORWARDS_IDENTITY: String(forwardsIdentity) },
  }),
});

/** Our settings for everybody who runs our engine: access log and metrics are on, because they are by default. */
const ownSettings = ({ supergraphFile, port, sharing, jwksUrl, tokens }: PeerSetup) => ({
  ...production,
  PORT: String(port),
  SUPERGRAPH: supergraphFile,
  SUBGRAPH_SHARING: String(sharing),
  IDENTITY_PRIVATE_KEY: createIdentityKey(),
  JWT_JWKS_URL: jwksUrl,
  JWT_ISSUER: tokens.issuer,
  JWT_AUDIENCE: tokens.audience,
});

export const peers: Readonly<Record<PeerName, Peer>> = {
  tributary: {
    name: 'tributary',
    canShare: true,
    command: (setup) => ({
      args: [...ownFlags, here('../../gateway/src/main.ts')],
      env: { ...ownSettings(setup), ENGINE: 'tributary' },
    }),
  },
  'tributary-apollo-server': {
    name: 'tributary-apollo-server',
    canShare: true,
    missing: () =>
      existsSync(here('../../gateway/src/apollo/index.ts'))
        ? undefined
        : 'our engine is not inside Apollo Server yet',
    command: (setup) => ({ args: [...ownFlags, ownApolloServer], env: ownSettings(setup) }),
  },
  stock: stock('stock', 'default'),
  'stock-undici': stock('stock-undici', 'undici'),
  hive: hive('hive'),
  'hive-rust': hive('hive-rust', '--hive-router-runtime'),
  floor: {
    name: 'floor',
    canShare: false,
    command: ({ load, port, subgraphUrls }) => ({
      args: [here('servers/floor.ts'), load.name, String(port), JSON.stringify(subgraphUrls)],
      env: production,
    }),
  },
};
