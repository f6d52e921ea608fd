import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { checkConfig, readEnvironment, type SettingsReader } from '@tributary/config';
import { readEventsUrl } from '@tributary/event-log';
import type { SubgraphSource, SupergraphConfig } from '@tributary/planning';

import { DevError } from './dev-error.ts';
import { readNodeFlags } from './node-flags.ts';

/** A subgraph of the supergraph file, and how this start treats it. */
export interface DevSubgraph extends SubgraphSource {
  /** Absent when it has no folder here or its address is on another machine: then it runs elsewhere. */
  readonly local?: LocalSubgraph;
}

/** A subgraph that this start runs. */
export interface LocalSubgraph {
  /** The program. */
  readonly file: string;
  readonly port: number;
  /** Absent: it gets a database of the embedded PostgreSQL. */
  readonly databaseUrl?: string;
}

/** Everything that `tributary dev` was told. */
export interface DevSettings {
  /** The folder of the project. */
  readonly root: string;
  /** Holds databases, keys, logs and the composed supergraph. */
  readonly dataFolder: string;
  readonly host: string;
  readonly gatewayPort: number;
  readonly gatewayFile: string;
  /** As its package.json says. */
  readonly gatewayNodeFlags: readonly string[];
  readonly supergraphFile: string;
  readonly subgraphs: readonly DevSubgraph[];
  readonly isDevelopment: boolean;
  /** Whether the environment says where events go: otherwise they get a database of the embedded PostgreSQL. */
  readonly hasEventLog: boolean;
  /** Whether the gateway shows GraphiQL. */
  readonly hasGraphiQL: boolean;
  /** Absent: a key made for this folder. */
  readonly identityPrivateKey?: string;
  readonly jwtPrivateKey?: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The ports of supergraph.yaml count from here; `TRIBUTARY_PORT_BASE` moves all of them together. */
const usualGatewayPort = 4000;
const localHosts = ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0'];

/**
 * Reads what a start in this folder depends on.
 *
 * @throws {ConfigError} one message with every wrong setting
 */
export function readDevSettings(
  root: string,
  supergraph: SupergraphConfig,
  processEnv: NodeJS.ProcessEnv,
): DevSettings {
  const env = readEnvironment(processEnv);
  const settings = checkConfig(env, (read) => {
    // A refused value is undefined; the settings that build on it must not look wrong as well.
    const portBase =
      read.integer('TRIBUTARY_PORT_BASE', { default: usualGatewayPort, min: 1, max: 65_000 }) ??
      usualGatewayPort;
    const isDevelopment = read.string('NODE_ENV', { default: 'development' }) !== 'production';
    return {
      root,
      dataFolder: resolve(root, read.string('TRIBUTARY_DATA', { default: '.data' })),
      host: read.string('HOST', { default: '127.0.0.1' }),
      gatewayPort: read.integer('PORT', { default: portBase, min: 1, max: 65_535 }),
      gatewayFile: join(root, 'gateway', 'src', 'main.ts'),
      gatewayNodeFlags: readNodeFlags(join(root, 'gateway')),
      subgraphs: supergraph.subgraphs.map((subgraph) => planSubgraph(root, subgraph, portBase, read)),
      isDevelopment,
      hasEventLog: readEventsUrl(read) !== undefined,
      hasGraphiQL: read.boolean('GRAPHIQL', { default: isDevelopment }) ?? isDevelopment,
      ...optional('identityPrivateKey', read.optionalString('IDENTITY_PRIVATE_KEY')),
      ...optional('jwtPrivateKey', read.optionalString('JWT_PRIVATE_KEY')),
    };
  });
  if (!existsSync(settings.gatewayFile)) {
    throw new DevError(`Expected the gateway's program at ${settings.gatewayFile}, but there is none`);
  }
  return { ...settings, supergraphFile: join(settings.dataFolder, 'supergraph.graphql'), env: { ...env } };
}

function planSubgraph(
  root: string,
  subgraph: SubgraphSource,
  portBase: number,
  read: SettingsReader,
): DevSubgraph {
  const url = new URL(subgraph.routingUrl);
  const file = join(root, 'subgraphs', subgraph.name, 'src', 'main.ts');
  if (!localHosts.includes(url.hostname) || !existsSync(file)) return subgraph;
  const port = Number(url.port || 80) + portBase - usualGatewayPort;
  if (port < 1 || port > 65_535) {
    read.refuse(`TRIBUTARY_PORT_BASE gives ${subgraph.name} the port ${port}: expected 1 to 65535`);
    return subgraph;
  }
  url.port = String(port);
  const name = databaseSetting(subgraph.name);
  const isGiven = read.optionalString(name) !== undefined;
  const protocols = ['postgres', 'postgresql'];
  return {
    ...subgraph,
    routingUrl: url.href,
    local: { file, port, ...(isGiven && { databaseUrl: read.url(name, { protocols }) }) },
  };
}

/**
 * The setting with the database address of one subgraph.
 *
 * @example databaseSetting('order-lines') // "ORDER_LINES_DATABASE_URL"
 */
export const databaseSetting = (subgraph: string): string =>
  `${subgraph.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_DATABASE_URL`;

const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>);
