import { generateKeyPairSync } from 'node:crypto';

import { checkConfig, ConfigError, type Environment } from '@tributary/config';
import { describe, expect, it } from 'vitest';

import { readSubgraphConfig } from './subgraph-config.ts';

const keys = generateKeyPairSync('ed25519');
const pem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const privatePem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const rsaPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const needed = { DATABASE_URL: 'postgres://ada@127.0.0.1/posts', IDENTITY_PUBLIC_KEY: pem };

const read = (env: Environment = {}) =>
  checkConfig({ ...needed, ...env }, (reader) => readSubgraphConfig(reader, { port: 4002 }));

it('needs a database and a key; everything else has a default', () => {
  expect(read()).toEqual({
    host: '127.0.0.1',
    port: 4002,
    isProduction: false,
    logLevel: 'info',
    databaseUrl: needed.DATABASE_URL,
    databasePoolSize: 10,
    statementTimeoutMs: 5000,
    identityPublicKey: pem,
    maxBatchSize: 100,
    isBatching: true,
    hasIntrospection: true,
    execution: 'compiled',
    maxBodyBytes: 10 * 1024 * 1024,
    requestTimeoutMs: 30_000,
    maxLoadedKeys: 20_000,
    drainTimeoutMs: 10_000,
    seed: 'none',
    eventsUrl: undefined,
    eventRetention: { maxEvents: 20_000, maxAgeMs: 86_400_000 },
  });
});

describe('in production', () => {
  it('closes the schema', () => {
    expect(read({ NODE_ENV: 'production' })).toMatchObject({ isProduction: true, hasIntrospection: false });
  });

  it('opens it by setting', () => {
    expect(read({ NODE_ENV: 'production', INTROSPECTION: 'true' })).toMatchObject({ hasIntrospection: true });
  });
});

it('takes a key whose line breaks are written out', () => {
  expect(read({ IDENTITY_PUBLIC_KEY: pem.replaceAll('\n', String.raw`\n`) }).identityPublicKey).toBe(pem);
});

it.each([
  ['no key', 'abc'],
  ['a private key', privatePem],
  ['a key of another kind', rsaPem],
])('refuses %s without repeating it', (_what, key) => {
  expect(() => read({ IDENTITY_PUBLIC_KEY: key, PORT: 'abc' })).toThrow(
    new ConfigError([
      'PORT must be an integer from 0 to 65535, but got "abc"',
      'IDENTITY_PUBLIC_KEY must be an Ed25519 public key in SPKI PEM, but is something else',
    ]),
  );
});

it('cannot be changed', () => {
  expect(() => Object.assign(read(), { port: 1 })).toThrow(TypeError);
});

it('says everything that is wrong in one message', () => {
  const wrong = () =>
    read({
      PORT: 'abc',
      DATABASE_URL: 'mysql://x',
      DATABASE_POOL_SIZE: '51',
      SEED: 'faker',
      IDENTITY_PUBLIC_KEY: '',
    });
  expect(wrong).toThrow(ConfigError);
  for (const name of ['PORT', 'DATABASE_URL', 'DATABASE_POOL_SIZE', 'SEED', 'IDENTITY_PUBLIC_KEY']) {
    expect(wrong).toThrow(`${name} `);
  }
});
