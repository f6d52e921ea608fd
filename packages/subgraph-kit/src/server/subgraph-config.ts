import { createPublicKey } from 'node:crypto';

import type { SettingsReader } from '@tributary/config';
import { defaultRetention, readEventsUrl, type Retention } from '@tributary/event-log';
import { logLevels, type LogLevel } from '@tributary/telemetry';

import { executionModes, type ExecutionMode } from '../execution/executor.ts';

/** The settings that every subgraph has; each adds its own. docs/operations.md lists them. */
export interface SubgraphConfig {
  readonly host: string;
  readonly port: number;
  readonly isProduction: boolean;
  readonly logLevel: LogLevel;
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly statementTimeoutMs: number;
  /** SPKI in PEM: checks the identities that the gateway signs. */
  readonly identityPublicKey: string;
  readonly maxBatchSize: number;
  /** `false` shows what a server without loaders would do; for tests and benchmarks. */
  readonly isBatching: boolean;
  readonly hasIntrospection: boolean;
  /** Whether operations that come again are compiled into functions. */
  readonly execution: ExecutionMode;
  readonly maxBodyBytes: number;
  /** A request that takes longer is given up. */
  readonly requestTimeoutMs: number;
  /** Keys that one request may ask its loaders for. */
  readonly maxLoadedKeys: number;
  /** Where events go; absent when nobody is to hear of them. */
  readonly eventsUrl: string | undefined;
  readonly eventRetention: Required<Retention>;
  readonly drainTimeoutMs: number;
  /** The data set that an empty database is filled with. */
  readonly seed: 'none' | 'jsonplaceholder';
}

/**
 * Reads what every subgraph needs.
 *
 * @example checkConfig(env, (read) => ({ ...readSubgraphConfig(read, { port: 4002 }) }))
 */
export function readSubgraphConfig(
  read: SettingsReader,
  defaults: { readonly port: number },
): SubgraphConfig {
  const isProduction = read.string('NODE_ENV', { default: 'development' }) === 'production';
  return {
    host: read.string('HOST', { default: '127.0.0.1' }),
    port: read.integer('PORT', { default: defaults.port, min: 0, max: 65_535 }),
    isProduction,
    logLevel: read.oneOf('LOG_LEVEL', logLevels, { default: 'info' }),
    databaseUrl: read.url('DATABASE_URL', { protocols: ['postgres', 'postgresql'] }),
    databasePoolSize: read.integer('DATABASE_POOL_SIZE', { default: 10, min: 1, max: 50 }),
    statementTimeoutMs: read.integer('STATEMENT_TIMEOUT_MS', { default: 5000, min: 1 }),
    identityPublicKey: readPublicKey(read, 'IDENTITY_PUBLIC_KEY'),
    maxBatchSize: read.integer('MAX_BATCH_SIZE', { default: 100, min: 1, max: 1000 }),
    isBatching: read.boolean('BATCHING', { default: true }),
    hasIntrospection: read.boolean('INTROSPECTION', { default: !isProduction }),
    execution: read.oneOf('EXECUTION', executionModes, { default: 'compiled' }),
    maxBodyBytes: read.integer('MAX_BODY_BYTES', { default: 10 * 1024 * 1024, min: 1024 }),
    requestTimeoutMs: read.integer('REQUEST_TIMEOUT_MS', { default: 30_000, min: 1, max: 2_147_483_647 }),
    maxLoadedKeys: read.integer('MAX_LOADED_KEYS', { default: 20_000, min: 1 }),
    eventsUrl: readEventsUrl(read),
    eventRetention: {
      maxEvents: read.integer('EVENTS_KEPT', { default: defaultRetention.maxEvents, min: 100 }),
      maxAgeMs: read.integer('EVENTS_KEPT_MS', { default: defaultRetention.maxAgeMs, min: 60_000 }),
    },
    drainTimeoutMs: read.integer('DRAIN_TIMEOUT_MS', { default: 10_000, min: 0 }),
    seed: read.oneOf('SEED', ['none', 'jsonplaceholder'], { default: 'none' }),
  };
}

/** A key in PEM; an environment that cannot hold line breaks may write them as `\n`. */
export const readPem = (read: SettingsReader, name: string): string =>
  // A key that is missing is a problem that the reader keeps, to be told with all others.
  read.secret(name)?.replaceAll('\\n', '\n');

function readPublicKey(read: SettingsReader, name: string): string {
  const pem = readPem(read, name);
  if (pem !== undefined && !isEd25519PublicKey(pem))
    read.refuse(`${name} must be an Ed25519 public key in SPKI PEM, but is something else`);
  return pem;
}

function isEd25519PublicKey(pem: string): boolean {
  // createPublicKey also derives one from a private key, which must not lie around where checking is all that is done.
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return false;
  try {
    return createPublicKey(pem).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
